FROM python:3.11-slim AS handrail

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /handrail

COPY requirements-served.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements-served.txt

COPY manage.py ./
COPY server server
COPY recovery recovery
COPY notifications notifications
COPY library library
COPY programmes programmes
COPY docs/asyncapi.yaml docs/asyncapi.yaml
COPY deploy deploy
# Bytecode is made here once: the file system is read-only when it runs.
RUN python -m compileall -q . && useradd --uid 10001 --no-create-home handrail
# A new volume takes its owner from this directory.
RUN mkdir --mode=700 /blobs && chown 10001:10001 /blobs
USER 10001:10001

ENTRYPOINT ["deploy/with-secrets"]


FROM caddy:2 AS proxy

COPY Caddyfile /etc/caddy/Caddyfile
# A new volume takes its owner from this directory.
RUN mkdir /certificates && chown 10002:10002 /certificates
ENV XDG_DATA_HOME=/certificates
USER 10002:10002
