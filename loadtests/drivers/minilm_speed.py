"""Embeds the turns of made-up conversations by MiniLM-L6 in int8 with ONNX, on one thread; prints the rate.

Needs onnxruntime, tokenizers, and a folder with `model_int8.onnx` and `tokenizer.json`; nothing of QM.
"""

import argparse
import json
import time
from pathlib import Path

import chat_stream
import numpy as np
import onnxruntime  # type: ignore[import-not-found, unused-ignore]
from tokenizers import Tokenizer  # type: ignore[import-not-found, unused-ignore]

MAX_TOKENS = 128


def main() -> None:
    """Embed conversation by conversation: the turns of one are a batch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--interactions", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    arguments = parser.parse_args()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(arguments.folder / "model_int8.onnx"), options)
    tokenizer = Tokenizer.from_file(str(arguments.folder / "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    chats = chat_stream.ChatStream(1)
    rates = []
    for run in range(arguments.runs + 1):
        work = list(chats.stream(arguments.interactions))
        began = time.process_time()
        for dialogue in work:
            _embed(session, tokenizer, [text for _, text in dialogue])
        if run:
            rates.append(arguments.interactions / (time.process_time() - began))
    print(json.dumps({"minilm": rates}))


def _embed(session: onnxruntime.InferenceSession, tokenizer: Tokenizer, texts: list[str]) -> np.ndarray:
    encoded = tokenizer.encode_batch(texts)
    ids = np.array([each.ids for each in encoded], dtype=np.int64)
    mask = np.array([each.attention_mask for each in encoded], dtype=np.int64)
    available = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    wanted = {each.name for each in session.get_inputs()}
    (hidden, *_) = session.run(None, {name: value for name, value in available.items() if name in wanted})
    summed = (hidden * mask[:, :, None]).sum(axis=1)
    means: np.ndarray = summed / mask.sum(axis=1, keepdims=True)
    return means


if __name__ == "__main__":
    main()
