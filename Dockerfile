# docker build -t chuchu . && CHUCHU_API_KEY=choose-one docker compose up
#
# Two stages: the first builds the wheel and installs it, the second holds nothing but Python and what was
# installed. tests/test_container.py goes through these steps without Docker.
FROM python:3.12-slim AS build
WORKDIR /src
RUN python -m venv /opt/chuchu
# What PyPI has of torch for Linux brings 3 GB of CUDA along: --build-arg TORCH_INDEX=URL names an index of its
# CPU wheels.
ARG TORCH_INDEX=""
COPY constraints.txt ./
RUN /opt/chuchu/bin/pip install --no-cache-dir -c constraints.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY api api
COPY eval eval
COPY models models
COPY rag rag
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /dist .
RUN /opt/chuchu/bin/pip install --no-cache-dir -c constraints.txt /dist/*.whl

FROM python:3.12-slim
COPY --from=build /opt/chuchu /opt/chuchu
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin chuchu \
    && install --directory --owner chuchu --mode 0700 /data
ENV PATH=/opt/chuchu/bin:$PATH \
    CHUCHU_HOME=/data \
    CHUCHU_HOST=0.0.0.0 \
    CHUCHU_PORT=8000 \
    HF_HUB_OFFLINE=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["chuchu", "serve"]
