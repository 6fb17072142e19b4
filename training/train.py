"""Trains quaver-music from the corpus and saves it in Hugging Face format. `python training/train.py --help`."""

from __future__ import annotations

import argparse
import importlib
import math
import os
import random
import re
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from tokenizers import Tokenizer
from transformers import T5Config, T5ForConditionalGeneration

import composed
import corpus
import earlier
import masking
import noise
import precision
import record_logits
import summaries
import templates
import tokenizer as tok
from muon import Exchange, Orthogonal
from warm_start import warm_start

ROOT = Path(__file__).parent.parent
# The averaged weights follow the trained ones every so many steps: as good as at each, at a fraction of the cost.
AVERAGE_EVERY = 4
WORDS_PER = 16_000


# --- examples -------------------------------------------------------------------------------------------------------

# What else the linker takes a value for that is meant as of some kind, and for how many of a hundred values: counted on the 400 best known values
# of each kind in the sample, and in a warehouse with a third of a million names (HetRec, Hot 100 and 150,000 tracks).
AMBIGUITY = {
    "sample": {
        "tag": {"": 61, "genre segment": 24, "genre": 11, "title": 2, "album genre segment": 2},
        "genre": {"tag segment": 64, "tag": 30, "album tag segment": 6},
        "segment": {"tag genre": 91, "album tag genre": 9},
        "artist": {"": 83, "album": 16, "title": 1},
        "title": {"": 95, "album": 5},
        "album": {"": 78, "title": 18, "artist": 4},
    },
    "large": {
        "tag": {"": 54, "title": 9, "title album": 9, "genre": 6, "artist title album": 4, "title genre": 4, "artist": 4, "album": 4, "title album genre": 4, "genre segment": 2},
        "genre": {"tag": 32, "": 28, "title tag": 13, "title album tag": 12, "tag segment": 6, "title album tag segment": 4, "artist tag": 3, "artist title tag": 2},
        "segment": {"tag": 30, "tag genre": 20, "title album tag genre": 15, "title tag genre": 10, "album tag genre": 8, "artist tag genre": 7, "title tag": 6, "title album tag": 4},
        "artist": {"": 72, "tag": 14, "title": 4, "title tag": 3, "album": 2, "title album": 2, "album tag": 2, "title album tag": 1},
        "title": {"": 52, "album": 38, "album tag": 4, "artist album": 2, "artist": 2, "artist album tag": 2},
        "album": {"": 48, "title": 43, "artist title": 4, "title tag": 2, "artist": 2, "artist title tag": 1},
    },
}


def sampled_kinds(rng: random.Random):
    """The kinds that a linker may name for a value: those of one warehouse for all values of a question."""
    ambiguity = AMBIGUITY[rng.choice(("sample", "large"))]

    def kinds(kind: str) -> list[str]:
        others = ambiguity.get(kind)
        if not others:
            return [kind]
        (extra,) = rng.choices(list(others), others.values())
        return masking.kind_order([kind, *extra.split()])

    return kinds


class Examples:
    """Corpus questions, masked anew at each pass so that ambiguity and noise vary."""

    def __init__(self, args):
        read = corpus.read_blocks()
        # The questions that each pass reads whatever its share of the corpus.
        self.always = {question for block in read if block.source.partition(".")[0] in args.always for _, question in block.questions}
        self.blocks = blocks = corpus.merge_by_sql(read)
        self.train: list[tuple[str, str]] = []
        self.held_out: list[tuple[str, str]] = []
        for block in blocks:
            for _, question in block.questions:
                (self.held_out if corpus.chance(question) < args.held_out else self.train).append((question, block.sql))
        # Fingerprints of the templates that were trained, so that an evaluation knows which are new.
        self.templates = {templates.fingerprint(sql) for _, sql in self.train if sql != corpus.UNANSWERABLE}

        self.summaries = summaries.Summaries(summaries.read_blocks(), blocks)

    def after_another(self, question: str, before: str, rng: random.Random) -> tuple[str, str]:
        """The question, asked after one that has nothing to do with it, and the query of that one."""
        other, sql = rng.choice(self.train)
        if masking.TURN in question + other:
            return question, before
        sql = "" if sql == corpus.UNANSWERABLE else sql
        other, sql = (corpus.SLOT.sub(lambda m: "{" + m.group(1) + str(50 + int(m.group(2) or 1)) + "}", text) for text in (other, sql))
        both = other + masking.TURN + question
        return (both, sql) if len(set(corpus.SLOT.findall(both))) < masking.MAX_VALUES else (question, before)

    @staticmethod
    def last_turn(prompt: str, target: str, before: str) -> str:
        """A follow-up without what was asked before, so that the query has to be read; as it is where the query lacks one of the values."""
        last = prompt.rpartition(masking.THEN)[2]
        values = set(earlier.PARAMETER.findall(last + before))
        return f"{masking.THEN}{last}" if values >= set(earlier.PARAMETER.findall(target)) else prompt

    @staticmethod
    def renumbered(texts: tuple[str, ...], rng: random.Random) -> list[str]:
        """The texts with the numbers of their values exchanged: which condition a value belongs to is said by the words around it, not by how many come before."""
        names = list(dict.fromkeys(earlier.PARAMETER.findall(" ".join(texts))))
        others = dict(zip(names, rng.sample(tok.VALUES, len(names))))
        return [earlier.PARAMETER.sub(lambda match: others[match.group(0)], text) for text in texts]

    @staticmethod
    def render(question: str, sql: str, rng: random.Random, with_noise: bool, before: str = "") -> tuple[str, str, str]:
        """The prompt, what is to be written, and the query of what was asked before."""
        prompt, names = masking.mask_corpus_question(question, sampled_kinds(rng))
        if with_noise:
            prompt = noise.noisy(prompt, rng)
        target = tok.NO_ANSWER if sql == corpus.UNANSWERABLE else masking.mask_sql(sql, names)
        known = {kind + number for kind, number in corpus.SLOT.findall(before)} <= set(names)
        return prompt, target, masking.mask_sql(before, names) if known else ""

    def render_summary(self, rng: random.Random, with_noise: bool) -> tuple[str, str, str]:
        """The second task: a prompt with the columns of the answer, the query that stands after it, and the summary with its values as parameters."""
        example = self.summaries.draw(rng)
        prompt, names = masking.mask_corpus_question(example.question, sampled_kinds(rng))
        if with_noise:
            prompt = noise.noisy(prompt, rng)
        values = corpus.SLOT.sub(lambda m: names[m.group(1) + m.group(2)], example.template)
        return masking.summary_prompt(example.language, prompt, example.rows, example.columns), masking.mask_sql(example.sql, names), values


def batches(pairs, limit_tokens: int, rng: random.Random):
    """Batches of like length, at most `limit_tokens` padded positions each, in random order."""
    order = sorted(range(len(pairs)), key=lambda i: (len(pairs[i][1]) + rng.random() * 4, len(pairs[i][0])))
    out, current, longest = [], [], 0
    for i in order:
        size = len(pairs[i][0]) + len(pairs[i][1])
        if current and max(longest, size) * (len(current) + 1) > limit_tokens:
            out.append(current)
            current, longest = [], 0
        current.append(i)
        longest = max(longest, size)
    if current:
        out.append(current)
    rng.shuffle(out)
    return out


def padded(rows: list[list[int]], fill: int) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([r + [fill] * (width - len(r)) for r in rows])


class PooledDropout(torch.nn.Module):
    """Dropout whose masks are windows into one pool of random numbers: drawing a mask anew each time takes a fifth of a step on a CPU."""

    POOL = 1 << 23
    pool: torch.Tensor | None = None

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if PooledDropout.pool is None:
            PooledDropout.pool = (torch.rand(self.POOL) >= self.p).float().mul_(1 / (1 - self.p)).bfloat16()
        if x.numel() > self.POOL // 2:
            return torch.nn.functional.dropout(x, self.p)
        start = random.randrange(self.POOL - x.numel())
        return x * PooledDropout.pool[start : start + x.numel()].view(x.shape).to(x.dtype)


def with_pooled_dropout(model):
    """Replaces the dropout of residual branches and feed-forward layers; attention weights go without."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, torch.nn.Dropout):
                setattr(module, name, PooledDropout(child.p))
        if isinstance(getattr(module, "dropout", None), float):
            module.dropout = 0.0
    return model


# --- training -------------------------------------------------------------------------------------------------------


class Learner:
    """A replica of the model with its optimiser. All replicas start alike and take the same steps, each from its part of the batch.

    On a CPU, processes of one thread each are faster than one process with as many: its threads would meet at every small operation.
    """

    def __init__(self, model, args, rank: int = 0, exchange: Exchange | None = None):
        self.model, self.args, self.rank, self.exchange = model, args, rank, exchange
        self.device = next(model.parameters()).device.type
        self.turn = 0
        self.parameters = list(model.parameters())
        embeddings = [model.shared.weight]
        matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and p is not model.shared.weight and "relative_attention_bias" not in name]
        self.orthogonal = Orthogonal(matrices, args.momentum, rank, exchange) if args.matrix_rate else None
        apart = {id(p) for p in (embeddings + matrices if self.orthogonal else embeddings)}
        others = [p for p in self.parameters if id(p) not in apart]
        # Embeddings, the output layer with them, need larger steps than the other weights.
        groups = [{"params": others, "scale": 1.0}, {"params": embeddings, "scale": args.embedding_rate}]
        self.optimizer = torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
        self.loss = torch.nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=args.smoothing, reduction="sum")

    def hang(self, flat: torch.Tensor) -> None:
        """Makes parts of one flat tensor the gradients of the parameters."""
        start = 0
        for parameter in self.parameters:
            parameter.grad = flat[start : start + parameter.numel()].view_as(parameter)
            start += parameter.numel()

    def gradient(self, pairs, rows) -> float:
        """Computes the gradient of this replica's part of a batch; returns its loss per token."""
        if self.exchange:
            self.turn ^= 1
            flat = self.exchange.gradients[self.turn, self.rank].zero_()
            self.hang(flat)
            part = rows[self.rank :: self.exchange.workers]
        else:
            self.optimizer.zero_grad(set_to_none=True)
            part = rows
        tokens = sum(len(pairs[i][1]) for i in rows)
        if not part:
            return 0.0
        pad = self.model.config.pad_token_id
        inputs = padded([pairs[i][0] for i in part], pad).to(self.device)
        labels = padded([pairs[i][1] for i in part], -100).to(self.device)
        with precision.autocast(self.device):
            logits = self.model(input_ids=inputs, attention_mask=(inputs != pad).long(), labels=labels).logits
        loss = self.loss(logits.float().flatten(0, 1), labels.flatten())
        (loss / tokens).backward()
        return loss.item() / sum(len(pairs[i][1]) for i in part)

    def update(self, rate: float) -> None:
        if self.exchange:
            self.hang(self.exchange.gradients[self.turn].sum(0))
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        self.optimizer.step()
        if self.orthogonal:
            self.orthogonal.step(rate * self.args.matrix_rate, decay=0.01)


def replica(rank: int, args, config: T5Config, state: dict, exchange: Exchange) -> None:
    """What every process but the first does: its part of each batch, until told to stop."""
    torch.manual_seed(args.seed + rank)
    random.seed(args.seed + rank)
    torch.set_num_threads(args.threads or 1)
    model = T5ForConditionalGeneration(config)
    with_pooled_dropout(model)
    model.load_state_dict(state)
    model.train()
    learner = Learner(model, args, rank, exchange)
    while (work := exchange.queues[rank].get()) is not None:
        pairs, plan = work
        for rows in plan:
            learner.gradient(pairs, rows)
            rate = exchange.meet(learner.turn)
            if rate < 0:
                return
            learner.update(rate)


def train(args) -> None:
    started = time.time()
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if args.threads or args.workers > 1:
        torch.set_num_threads(args.threads or 1)
    examples = Examples(args)
    blocks = examples.blocks
    rendered = [Examples.render(q, s, rng, with_noise=False)[:2] for q, s in examples.train + examples.held_out]
    composed_pairs = [Examples.render(*composed.example(rng)[:2], rng, with_noise=False)[:2] for _ in range(6 * args.composed)]
    rendered += composed_pairs[: len(rendered) // 3]
    summed = [examples.render_summary(rng, with_noise=False) for _ in range(4 * args.summaries)]
    shapes = sorted({masking.mask_sql(b.sql, {m[0] + m[1]: f"@v{i + 1}" for i, m in enumerate(dict.fromkeys(corpus.SLOT.findall(b.sql)))}) for b in blocks if b.answerable})
    # Chunks are learnt from the shapes that people wrote; composed SQL only has to be spellable.
    spelling = sorted({sql for _, sql in composed_pairs})
    words = tok.summary_pieces([corpus.SLOT.sub("@v1", s) for s in examples.summaries.templates], summaries.CELLS)
    read = [p for p, _ in rendered] + [p for p, _, _ in summed[: args.summaries]] + [noise.noisy(p, rng) for p, _ in rendered]
    if args.keep_vocabulary:
        tokenizer, pieces = tok.kept(args.resume, shapes + spelling, words)
    else:
        tokenizer, pieces = tok.build(read, shapes, args.question_vocabulary, args.chunks, spelling, words)
    sql_encoder = tok.TargetEncoder(tokenizer, pieces)
    summary_encoder = tok.TargetEncoder(tokenizer, words | set(tok.VALUES), tok.SUMMARY_LEXEME)
    # The same vocabulary, but merges are left out at random: words are seen in other pieces, as a misspelled or unknown word will be.
    # Provilkov et al., BPE-Dropout, https://arxiv.org/abs/1910.13267
    broken = Tokenizer.from_str(tokenizer.to_str())
    broken.model.dropout = args.merge_dropout
    lengths = [len(sql_encoder.encode(t)) for _, t in rendered]
    print(f"{len(shapes)} shapes, {len(examples.train)} training and {len(examples.held_out)} held-out questions, vocabulary {tokenizer.get_vocab_size()}, target tokens: mean {sum(lengths) / len(lengths):.1f}, longest {max(lengths)}", flush=True)

    config = T5Config(
        vocab_size=tokenizer.get_vocab_size(), d_model=args.d_model, d_kv=args.d_model // args.heads, d_ff=args.d_ff, num_layers=args.encoder_layers,
        num_decoder_layers=args.decoder_layers, num_heads=args.heads, feed_forward_proj="gated-gelu", dropout_rate=args.dropout, tie_word_embeddings=False,
        relative_attention_num_buckets=32, relative_attention_max_distance=64, pad_token_id=tokenizer.token_to_id(tok.PAD), eos_token_id=tokenizer.token_to_id(tok.EOS), decoder_start_token_id=tokenizer.token_to_id(tok.PAD),
        # On a CPU, the plain way is a tenth faster for sequences as short as these.
        attn_implementation="eager" if device == "cpu" else None,
    )
    model = T5ForConditionalGeneration(config).to(device)
    with torch.no_grad():
        # These are the embeddings as well: transformers 5 ties the two, whatever the configuration says.
        model.lm_head.weight.normal_(0, config.d_model**-0.5)
    if device == "cpu":
        with_pooled_dropout(model)
    if args.resume:
        warm_start(model, tokenizer, args.resume)
        # What the earlier training saw is known as well.
        known = Path(args.resume, "templates.txt")
        examples.templates.update(known.read_text("utf-8").split() if known.exists() else ())
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters on {device}, {torch.get_num_threads()} threads, {precision.fastest(device)}", flush=True)
    average = {k: v.detach().clone() for k, v in model.state_dict().items()}
    exchange = Exchange(args.workers, sum(p.numel() for p in model.parameters())) if args.workers > 1 else None
    for rank in range(1, args.workers):
        torch.multiprocessing.get_context("spawn").Process(target=replica, args=(rank, args, config, average, exchange), daemon=True).start()
    learner = Learner(model, args, exchange=exchange)

    deadline = started + args.minutes * 60 if args.minutes else None
    step = seen = epoch = 0
    total_progress = lambda: max(epoch_fraction() / args.epochs, (time.time() - started) / (deadline - started) if deadline else 0.0)
    position = [0, 1]
    epoch_fraction = lambda: epoch + position[0] / position[1]
    losses: list[float] = []
    befores = earlier.Earlier()
    while total_progress() < 1:
        if args.growing:
            examples = grown(examples, args)
        if args.resume or epoch >= args.epochs / 3:
            begun = time.time()
            with averaged(model, average):
                asked = befores.learn(examples.train + examples.held_out, model, tokenizer, sql_encoder, args.ask_earlier)
            print(f"  {asked} queries of questions that others follow on in {time.time() - begun:.0f} s", flush=True)
        pairs = []
        drawn = [composed.example(rng) for _ in range(args.composed)]
        examples.templates.update(templates.fingerprint(sql) for _, sql, _ in drawn if sql != corpus.UNANSWERABLE)
        taken = [(q, s, befores.before(q)) for q, s in examples.train if q in examples.always or rng.random() < args.corpus_share]
        for question, sql, before in taken + drawn:
            if sql != corpus.UNANSWERABLE and rng.random() < args.unknown_names:
                question, sql = noise.with_unknown_name(question, sql, rng)
            elif sql != corpus.UNANSWERABLE and rng.random() < args.stray_values:
                question = noise.with_stray_value(question, rng)
            if rng.random() < args.topic_switch:
                question, before = examples.after_another(question, before, rng)
            if rng.random() < args.no_earlier_query:
                before = ""
            prompt, target, before = Examples.render(question, sql, rng, with_noise=rng.random() < 0.7, before=before)
            if before and rng.random() < args.query_alone:
                prompt = Examples.last_turn(prompt, target, before)
            if rng.random() < args.renumbered:
                prompt, target, before = Examples.renumbered((prompt, target, before), rng)
            spelled = broken if rng.random() < 0.3 else tokenizer
            pairs.append((earlier.read(prompt, before, spelled, sql_encoder), sql_encoder.encode(target)))
        for _ in range(args.summaries):
            prompt, sql, summary = examples.render_summary(rng, with_noise=rng.random() < 0.7)
            pairs.append((tokenizer.encode(prompt).ids[:-1] + sql_encoder.encode(sql), summary_encoder.encode(summary)))
        answered = [(question, sql) for question, sql, *_ in examples.train + drawn if sql != corpus.UNANSWERABLE]
        for question, sql in rng.sample(answered, min(args.backward, len(answered))):
            prompt, target, _ = Examples.render(question, sql, rng, with_noise=rng.random() < 0.3)
            pairs.append(([tokenizer.token_to_id(masking.ASK)] + sql_encoder.encode(target), tokenizer.encode(prompt).ids))
        plan = batches(pairs, args.batch_tokens, rng)
        for queue in exchange.queues[1:] if exchange else []:
            queue.put((pairs, plan))
        model.train()
        for number, rows in enumerate(plan):
            position[:] = [number, len(plan)]
            progress = total_progress()
            losses.append(learner.gradient(pairs, rows))
            rate = args.lr * min((step + 1) / args.warmup, 1) * (0.5 * (1 + math.cos(math.pi * min(progress, 1))) * 0.97 + 0.03)
            if exchange:
                exchange.meet(learner.turn, rate if progress < 1 else -1.0)
            if progress >= 1:
                break
            learner.update(rate)
            step += 1
            if step % AVERAGE_EVERY == 0:
                decay = min(args.average**AVERAGE_EVERY, step / (20 + step))
                with torch.no_grad():
                    for key, value in model.state_dict().items():
                        average[key].lerp_(value, 1 - decay)
            seen += len(rows)
            if step % args.report_every == 0:
                print(f"  step {step} loss {sum(losses[-args.report_every:]) / min(len(losses), args.report_every):.4f}", flush=True)
        epoch += 1
        position[:] = [0, 1]
        line = f"epoch {epoch} step {step} seen {seen} loss {sum(losses[-len(plan):]) / max(1, len(losses[-len(plan):])):.4f} {seen / (time.time() - started):.0f} examples/s progress {min(total_progress(), 1):.2f} elapsed {(time.time() - started) / 60:.1f} min"
        if epoch % args.evaluate_every == 0 or total_progress() >= 1:
            line += f" held-out exact match {exact_match(model, average, examples.held_out[: args.evaluate_most], befores, tokenizer, sql_encoder, device):.3f}"
            save(args, model, average, tokenizer, examples, rng)
        print(line, flush=True)
    save(args, model, average, tokenizer, examples, rng)
    record_parity(args.out, examples.held_out[:6] or examples.train[:6], tokenizer)
    print(f"done in {(time.time() - started) / 60:.1f} min", flush=True)


def grown(examples: Examples, args) -> Examples:
    """The examples of the corpus as it is now; as it was, where a file of it is being written and cannot be read."""
    global composed
    try:
        now = Examples(args)
        composed = composed_anew()
    except (SystemExit, Exception):
        return examples
    now.templates |= examples.templates
    return now


def composed_anew():
    """The package of composed questions, read again from its files."""
    earlier = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "composed"}
    try:
        module = importlib.import_module("composed")
        module.example(random.Random(0))
        return module
    except Exception:
        sys.modules.update(earlier)
        raise


@contextmanager
def averaged(model, average):
    """The model with its averaged weights, to be asked; afterwards it goes on as it was."""
    backup = {k: v.detach().clone() for k, v in model.state_dict().items()}
    model.load_state_dict(average)
    model.eval()
    threads = torch.get_num_threads()
    # The other processes wait meanwhile.
    torch.set_num_threads(os.cpu_count() or 1)
    yield
    torch.set_num_threads(threads)
    model.load_state_dict(backup)
    model.train()


def exact_match(model, average, pairs, befores, tokenizer, sql_encoder, device) -> float:
    """Share of held-out corpus questions whose greedy output is the expected token sequence (a lower bound of right answers)."""
    if not pairs:
        return float("nan")
    rng = random.Random(0)
    right = 0
    with averaged(model, average), torch.no_grad():
        for start in range(0, len(pairs), 64):
            rendered = [Examples.render(q, s, rng, with_noise=False, before=befores.before(q)) for q, s in pairs[start : start + 64]]
            inputs = padded([earlier.read(p, before, tokenizer, sql_encoder) for p, _, before in rendered], model.config.pad_token_id).to(device)
            with precision.autocast(device):
                out = model.generate(input_ids=inputs, attention_mask=(inputs != model.config.pad_token_id).long(), max_new_tokens=earlier.LONGEST, num_beams=1)
            for row, (_, target, _) in zip(out.tolist(), rendered):
                expected = sql_encoder.encode(target)
                right += row[1 : 1 + len(expected)] == expected
    return right / len(pairs)


def save(args, model, average, tokenizer, examples, rng) -> None:
    """Writes the averaged weights (float16), tokenizer and configuration as transformers would."""
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    saved = T5ForConditionalGeneration(model.config)
    saved.load_state_dict({k: v.float().cpu() for k, v in average.items()})
    saved.half().save_pretrained(out, safe_serialization=True)
    tokenizer.save(str(out / "tokenizer.json"))
    # Words that phrase questions: a value spelled like one of them is linked only where it is clearly meant as a name.
    words = Counter()
    for question, _ in examples.train:
        words.update(set(re.findall(r"[^\W\d_]+", masking.fold(corpus.SLOT.sub(" ", question)))))
    # Counts are as of a corpus of WORDS_PER questions, so that the linker's thresholds do not move as the corpus grows.
    scale = min(1.0, WORDS_PER / max(1, len(examples.train)))
    counts = {w: round(n * scale) for w, n in words.items() if n >= 2}
    (out / "summary_words.txt").write_text("".join(f"{w}\n" for w in examples.summaries.words), "utf-8")
    (out / "templates.txt").write_text("".join(f"{fingerprint}\n" for fingerprint in sorted(examples.templates)), "utf-8")
    (out / "question_words.txt").write_text("".join(f"{w}\t{n}\n" for w, n in sorted(counts.items()) if n >= 1), "utf-8")


def record_parity(out: str, pairs, tokenizer) -> None:
    """Records what transformers computes for a few prompts, against which the Rust implementation is tested."""
    rng = random.Random(1)
    prompts = [Examples.render(question, sql, rng, with_noise=False)[0] for question, sql in pairs]
    model = T5ForConditionalGeneration.from_pretrained(out, dtype=torch.float32)
    record_logits.record(model, lambda prompt: tokenizer.encode(prompt).ids, prompts, Path(out, "logits.json"), ask=tokenizer.token_to_id(masking.ASK))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=str(ROOT / "models" / "quaver-music"))
    parser.add_argument("--resume", help="a saved model to go on from: as large in every measure or smaller, of any vocabulary, with heads of the same size")
    parser.add_argument("--epochs", type=float, default=24)
    parser.add_argument("--minutes", type=float, help="stop (and finish the learning-rate schedule) after this long, if epochs last longer")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--threads", type=int, default=0, help="of each process")
    parser.add_argument("--workers", type=int, default=1, help="processes that share each batch: on a CPU, one a core is fastest")
    parser.add_argument("--d-model", type=int, default=256)
    parser.add_argument("--d-ff", type=int, default=1024)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--encoder-layers", type=int, default=6)
    parser.add_argument("--decoder-layers", type=int, default=3)
    parser.add_argument("--dropout", type=float, default=0.0, help="the model is underfitted: what dropout would prevent does not happen")
    parser.add_argument("--smoothing", type=float, default=0.05)
    parser.add_argument("--lr", type=float, default=4e-4)
    parser.add_argument("--embedding-rate", type=float, default=4, help="learning rate of the embeddings, as a multiple")
    parser.add_argument("--matrix-rate", type=float, default=2, help="learning rate of the matrices, as a multiple, by Muon; 0: by AdamW as the other weights")
    parser.add_argument("--momentum", type=float, default=0.95, help="of Muon")
    parser.add_argument("--warmup", type=int, default=600)
    parser.add_argument("--average", type=float, default=0.998)
    parser.add_argument("--batch-tokens", type=int, default=4000)
    parser.add_argument("--question-vocabulary", type=int, default=3500)
    parser.add_argument("--chunks", type=int, default=350)
    parser.add_argument("--held-out", type=float, default=corpus.HELD_OUT)
    parser.add_argument("--composed", type=int, default=18000, help="composed questions in each pass, beside the corpus")
    parser.add_argument("--summaries", type=int, default=4000, help="examples of the second task, summing up an answer, in each pass")
    parser.add_argument("--backward", type=int, default=10000, help="examples of the third task, which question a query answers, in each pass")
    parser.add_argument("--merge-dropout", type=float, default=0.1, help="share of BPE merges left out in three of ten questions")
    parser.add_argument("--topic-switch", type=float, default=0.03, help="share of questions that stand behind one which has nothing to do with them")
    parser.add_argument("--no-earlier-query", type=float, default=0.12, help="share of follow-ups that are read without the query of what was asked before")
    parser.add_argument("--query-alone", type=float, default=0.0, help="share of follow-ups that are read with that query, but without what was asked before")
    parser.add_argument("--corpus-share", type=float, default=1.0, help="share of the corpus in each pass")
    parser.add_argument("--always", nargs="*", default=[], metavar="FILE", help="files of the corpus (without .txt) that each pass reads whole, whatever that share")
    parser.add_argument("--keep-vocabulary", action="store_true", help="with --resume: its tokenizer, with tokens for the pieces of SQL that are new, in place of one learnt anew")
    parser.add_argument("--ask-earlier", type=int, metavar="N", help="before each pass, have the model write at most N queries of what was asked before a follow-up; the others are read without")
    parser.add_argument("--renumbered", type=float, default=0.3, help="share of questions whose values have numbers in no order")
    parser.add_argument("--unknown-names", type=float, default=0.02, help="share of questions in which a name becomes one that no warehouse knows: they have no answer")
    parser.add_argument("--stray-values", type=float, default=0.02, help="share of questions in which an ordinary word is linked as a name")
    parser.add_argument("--growing", action="store_true", help="read the corpus anew at each pass, so that questions may be added while it trains; pieces of SQL that are new to it are spelled byte by byte")
    parser.add_argument("--report-every", type=int, default=250, help="print the training loss after so many steps")
    parser.add_argument("--evaluate-every", type=int, default=5)
    parser.add_argument("--evaluate-most", type=int, default=300)
    args = parser.parse_args()
    if args.keep_vocabulary and not args.resume:
        parser.error("--keep-vocabulary keeps that of a saved model: name it with --resume")
    if unknown := [name for name in args.always if not (corpus.CORPUS_DIR / f"{name}.txt").exists()]:
        parser.error(f"--always: no such file in {corpus.CORPUS_DIR.name}/: {', '.join(unknown)}")
    train(args)


if __name__ == "__main__":
    main()
