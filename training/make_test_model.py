"""Makes the two tiny T5 models of tests/fixtures, which hold every branch of the Rust T5 to transformers:

- tiny-t5: relu, tied embeddings, F32, one file, a tokenizer that appends the end token itself;
- tiny-t5-gated: gated-gelu, a head of its own, BF16, several shards, fewer decoder than encoder layers, a tokenizer that does not.

    python training/make_test_model.py

Both learn a few invented pairs, just long enough that beams differ and end. Seeded: a run gives the same files on one version of PyTorch.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import T5Config, T5ForConditionalGeneration

from record_logits import record

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
ADDED = ["@v1", "@v2", "<num>", "<artist>", "<country>"]
PAIRS = [
    ("top @v1 <num> artists", "SELECT artist_name FROM music.listens LIMIT @v1"),
    ("top @v1 <num> songs by @v2 <artist>", "SELECT title FROM music.tracks WHERE artist_id = @v2 LIMIT @v1"),
    ("artists from @v1 <country>", "SELECT name FROM music.artists WHERE country = @v1"),
    ("how many songs by @v1 <artist>", "SELECT COUNT(*) AS tracks FROM music.tracks WHERE artist_id = @v1"),
    ("quels artistes viennent de @v1 <country>", "SELECT name FROM music.artists WHERE country = @v1"),
    ("combien de titres a @v1 <artist>", "SELECT COUNT(*) AS tracks FROM music.tracks WHERE artist_id = @v1"),
    ("les @v1 <num> chansons les plus populaires", "SELECT title FROM music.tracks ORDER BY popularity DESC LIMIT @v1"),
    ("most popular song", "SELECT title FROM music.tracks ORDER BY popularity DESC LIMIT 1"),
]
PROMPTS = ["top @v1 <num> artists", "how many artists from @v1 <country>", "les chansons de @v1 <artist>"]


def tokenizer(append_end: bool) -> Tokenizer:
    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=180, special_tokens=["<pad>", "</s>", "<unk>"], show_progress=False)
    made.train_from_iterator([text for pair in PAIRS for text in pair], trainer)
    made.add_tokens([AddedToken(text, normalized=False) for text in ADDED])
    if append_end:
        made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return made


def make(name: str, seed: int, append_end: bool, untie: bool, dtype: torch.dtype, shard: str, steps: int, **config) -> None:
    torch.manual_seed(seed)
    tokens = tokenizer(append_end)

    def encode(text: str) -> list[int]:
        ids = tokens.encode(text).ids
        return ids if ids[-1] == 1 else [*ids, 1]

    model = T5ForConditionalGeneration(T5Config(
        vocab_size=tokens.get_vocab_size() + 7,  # more rows than tokens, as the published T5 models have
        d_kv=8, num_heads=4, relative_attention_num_buckets=8, relative_attention_max_distance=20,
        decoder_start_token_id=0, dropout_rate=0.0, tie_word_embeddings=not untie, **config,
    ))
    if untie:
        model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.shared.weight) * 0.3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(steps):
        question, sql = PAIRS[step % len(PAIRS)]
        loss = model(input_ids=torch.tensor([encode(question)]), labels=torch.tensor([encode(sql)])).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    model = model.to(dtype)
    folder = FIXTURES / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, max_shard_size=shard)
    if untie:
        # transformers 5 writes another key than the published T5 1.1 models have; the fixture takes the published form.
        path = folder / "config.json"
        written = json.loads(path.read_text())
        written.pop("scale_decoder_outputs")
        written["tie_word_embeddings"] = False
        path.write_text(json.dumps(written, indent=2) + "\n")
    tokens.save(str(folder / "tokenizer.json"), pretty=False)
    record(model, encode, PROMPTS, folder / "logits.json")
    print(name, f"loss {loss.item():.3f}", [(path.name, path.stat().st_size) for path in sorted(folder.iterdir())])


if __name__ == "__main__":
    torch.set_num_threads(1)
    make("tiny-t5", 7, append_end=True, untie=False, dtype=torch.float32, shard="1GB", steps=120,
         d_model=24, d_ff=48, num_layers=2, num_decoder_layers=2, feed_forward_proj="relu")
    make("tiny-t5-gated", 11, append_end=False, untie=True, dtype=torch.bfloat16, shard="30KB", steps=200,
         d_model=24, d_ff=48, num_layers=3, num_decoder_layers=2, feed_forward_proj="gated-gelu")
