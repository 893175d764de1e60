#!/usr/bin/env bash
# The whole story of chuchu-static, from the data folder to figures.
#
#   models/training/train.sh [DATA]        DATA defaults to $CHUCHU_DATA, else ../shared/data
#   models/training/train.sh --smoke       the same steps on generated data, in under a minute
#
# WORK (build/encoder) keeps what each step leaves for the next, OUT (models/weights/chuchu-static)
# gets the model, STEPS (11000) is how many batches train it, PYTHON names the interpreter.
set -euo pipefail
cd "$(dirname "$0")/../.."

PYTHON=${PYTHON:-python}
STEPS=${STEPS:-11000} SIZE=64000 DIMENSION=288 BATCH=1024 NEWS=50000
if [ "${1:-}" = --smoke ]; then
    WORK=${WORK:-$(mktemp -d)}
    OUT=${OUT:-$WORK/model} DATA=$WORK/data
    STEPS=300 SIZE=400 DIMENSION=16 BATCH=32 NEWS=20
    "$PYTHON" -m models.training.data toy "$DATA"
else
    DATA=${1:-${CHUCHU_DATA:-../shared/data}}
    WORK=${WORK:-build/encoder} OUT=${OUT:-models/weights/chuchu-static}
    [ -d "$DATA" ] || { echo "no data folder $DATA: give one, or set CHUCHU_DATA" >&2; exit 2; }
fi
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}  # two threads on shared cores were five times slower

"$PYTHON" -m models.training.tokenizer "$DATA" "$WORK" --size "$SIZE"
"$PYTHON" -m models.training.pairs "$DATA" "$WORK"
"$PYTHON" -m models.training.initial "$WORK" --dimension "$DIMENSION"
"$PYTHON" -m models.training.static "$WORK" "$OUT" --steps "$STEPS" --batch "$BATCH"
"$PYTHON" -m eval.beir "$DATA" "$WORK/beir/cmrc" --set cmrc --news "$NEWS"
"$PYTHON" -m eval.beir "$DATA" "$WORK/beir/parallel" --set parallel --news "$NEWS"
"$PYTHON" -m models.training.evaluate "$OUT" "$WORK/beir/cmrc" "$WORK/beir/parallel" --words
