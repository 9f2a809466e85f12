"""How many threads the arithmetic of a process may have; whoever starts one passes it on.

QM's matrices are small: several threads wait for each other longer than they work, and take processors from
the processes beside them. Besides, more threads add in another order, and a training must not depend on it.
"""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""For the environment: the libraries read it when they are loaded."""
