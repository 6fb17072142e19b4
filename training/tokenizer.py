"""The tokenizer of quaver-music: byte-level BPE for questions, whole clauses for SQL, one vocabulary.

A question is encoded by ordinary BPE merges. SQL is only ever *written* by the model, so its pieces (lexemes, and frequent runs of
lexemes such as ` FROM music.listens`) are vocabulary entries that no merge produces: encoding a question can never yield them, and
decoding joins them back to the exact text. Targets become about a quarter as long, which is what a small model's speed and accuracy
depend on.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from corpus import KINDS
from masking import ASK, COLUMN_TOKENS, LANGUAGE_TOKENS, MAX_VALUES, ROWS, THEN

PAD, EOS, UNK = "<pad>", "</s>", "<unk>"
NO_ANSWER = "<unanswerable>"
VALUES = [f"@v{i}" for i in range(1, MAX_VALUES + 1)]
KIND_TOKENS = [f"<{k}>" for k in KINDS]
SPECIALS = [PAD, EOS, UNK]
ADDED = [NO_ANSWER, THEN, ROWS, ASK] + LANGUAGE_TOKENS + COLUMN_TOKENS + VALUES + KIND_TOKENS

LEXEME = re.compile(r" ?(?:@v\d|'[^']*'|\d+(?:\.\d+)?|[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)?|<=|>=|<>|!=|\|\||[^\sA-Za-z_0-9])")
# A summary is made of words, punctuation, cells (`{r0.c1}`) and values.
SUMMARY_LEXEME = re.compile(r" ?(?:\{[^{}]*\}|@v\d|[^\W\d_]+|[^\s\w])")
LONGEST_CHUNK = 5
# A word that stands in fewer summaries is spelled byte by byte.
COMMON_WORD = 2


def lexemes(text: str, lexeme: re.Pattern = LEXEME) -> list[str]:
    """Lexemes with the space before them; before a value the space belongs to what precedes, so that `@v1` is one token everywhere."""
    found = lexeme.findall(text)
    if "".join(found) != text:
        raise ValueError(f"not made of lexemes: {text!r}")
    out: list[str] = []
    for lexeme in found:
        if lexeme.startswith(" @v") and out:
            out[-1] += " "
            lexeme = lexeme[1:]
        out.append(lexeme)
    return out


def summary_pieces(summaries: list[str], cells: list[str]) -> set[str]:
    """Every cell, with and without a space before it, and the words that summaries are commonly made of."""
    count = Counter(lexeme for s in summaries for lexeme in lexemes(s, SUMMARY_LEXEME))
    return {space + cell for cell in cells for space in ("", " ")} | {lexeme for lexeme, n in count.items() if n >= COMMON_WORD}


def sql_chunks(sqls: list[str], limit: int, minimum: int = 5) -> list[str]:
    """Runs of lexemes worth a token of their own: byte-pair merging over the lexemes of the distinct SQL shapes."""
    sequences = [lexemes(s) for s in sqls]
    length = Counter()
    chunks: list[str] = []
    while len(chunks) < limit:
        pairs = Counter()
        for sequence in sequences:
            pairs.update(zip(sequence, sequence[1:]))
        best = None
        for (a, b), count in pairs.most_common():
            if count < minimum:
                break
            if length.get(a, 1) + length.get(b, 1) <= LONGEST_CHUNK and not a.startswith("@v") and not b.startswith("@v"):
                best = (a, b)
                break
        if best is None:
            break
        a, b = best
        merged = a + b
        length[merged] = length.get(a, 1) + length.get(b, 1)
        chunks.append(merged)
        for sequence in sequences:
            i = 0
            while i < len(sequence) - 1:
                if sequence[i] == a and sequence[i + 1] == b:
                    sequence[i : i + 2] = [merged]
                i += 1
    return chunks


def byte_level(text: str) -> str:
    """The text as byte-level BPE spells it (a space is `Ġ`)."""
    return "".join(piece for piece, _ in pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(text))


class TargetEncoder:
    """SQL text, or that of a summary, to ids: at each place the longest chunk that ends where a lexeme ends."""

    def __init__(self, tokenizer: Tokenizer, pieces: set[str], lexeme: re.Pattern = LEXEME):
        self.pieces = pieces
        self.lexeme = lexeme
        self.ids = {p: tokenizer.token_to_id(p if p in VALUES or p == NO_ANSWER else byte_level(p)) for p in pieces}
        self.bytes = {b: tokenizer.token_to_id(b) for b in pre_tokenizers.ByteLevel.alphabet()}
        self.eos = tokenizer.token_to_id(EOS)

    def encode(self, text: str) -> list[int]:
        if text == NO_ANSWER:
            return [self.ids[NO_ANSWER], self.eos]
        parts = lexemes(text, self.lexeme)
        ids: list[int] = []
        i = 0
        while i < len(parts):
            for j in range(min(len(parts), i + LONGEST_CHUNK), i, -1):
                piece = "".join(parts[i:j])
                if piece in self.pieces:
                    ids.append(self.ids[piece])
                    i = j
                    break
            else:
                # What the vocabulary lacks is spelled byte by byte: rare, but never impossible.
                ids += [self.bytes[b] for b in byte_level(parts[i])]
                i += 1
        return ids + [self.eos]


def build(prompts: list[str], sqls: list[str], question_vocabulary: int, chunk_limit: int, spelling: list[str], summaries: set[str]) -> tuple[Tokenizer, set[str]]:
    """Trains on the masked prompts and adds the pieces of SQL and of summaries. Returns the tokenizer and the pieces that SQL is made of."""
    bare = Tokenizer(models.BPE(unk_token=UNK))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=question_vocabulary,
        special_tokens=SPECIALS + ADDED,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=2,
        show_progress=False,
    )
    masks = re.compile("|".join(re.escape(t) for t in ADDED))
    bare.train_from_iterator((piece for p in prompts for piece in masks.split(p)), trainer)
    state = json.loads(bare.to_str())
    return with_pieces(state, set(sql_chunks(sqls, chunk_limit)), sqls + spelling, summaries)


def kept(directory: str, sqls: list[str], summaries: set[str]) -> tuple[Tokenizer, set[str]]:
    """The tokenizer of a saved model, with pieces of its own for the lexemes that are new: a short training need not learn another spelling first."""
    state = json.loads(Path(directory, "tokenizer.json").read_text("utf-8"))
    merged = {"".join(pair(m)) for m in state["model"]["merges"]}
    text = decoders.ByteLevel()
    texts = (text.decode([token]) for token in state["model"]["vocab"] if token not in merged and token not in SPECIALS + ADDED)
    # Before a value, a chunk ends with the space.
    chunks = {t for t in texts if "".join(found := LEXEME.findall(t)) == t.rstrip(" ") and len(found) > 1}
    return with_pieces(state, chunks, sqls, summaries)


def pair(merge) -> tuple[str, str]:
    return tuple(merge if isinstance(merge, list) else merge.split(" "))


def with_pieces(state: dict, chunks: set[str], sqls: list[str], summaries: set[str]) -> tuple[Tokenizer, set[str]]:
    """A tokenizer of the merges in `state`, with a token for each chunk, each lexeme of the SQL and each piece of a summary. Returns it and the pieces that SQL is made of."""
    vocabulary: dict[str, int] = state["model"]["vocab"]
    pieces = {lexeme for sql in sqls for lexeme in lexemes(sql)} | chunks | {NO_ANSWER} | set(VALUES)
    # Lexemes that the corpus only has inside chunks, and what a schema change may need: every digit and quote of its own.
    pieces |= set("0123456789.'")
    for piece in sorted(pieces | summaries):
        spelled = piece if piece in ADDED else byte_level(piece)
        vocabulary.setdefault(spelled, len(vocabulary))
    merges = [pair(m) for m in state["model"]["merges"]]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token=UNK))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIALS)
    tokenizer.add_tokens([AddedToken(t, lstrip=True, normalized=False) for t in ADDED])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A " + EOS, pair=None, special_tokens=[(EOS, tokenizer.token_to_id(EOS))])
    return tokenizer, pieces
