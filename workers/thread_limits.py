"""Limits the threads of BLAS and OpenMP in a process; whoever starts a process passes them on.

QM's matrices are small: several threads wait for each other longer than they work, and take processors from
other processes. And more threads sum in another order, on which a training must not depend.
"""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Environment variables; the libraries read them when they are loaded."""
