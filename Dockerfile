# The worker and the command line, built from a clone: docker build -t polo-accounts .
# Debian, because Temporal's core and chDB are made for glibc.
FROM node:20.20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script (docs/dependencies.md), and the npm of this image would run them all.
RUN npm ci --ignore-scripts --no-progress
COPY . .
RUN npm run build

FROM node:20.20-bookworm-slim
# Temporal's core trusts the system's certificates, of which the slim image has none.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc LICENSE ./
RUN npm ci --omit=dev --ignore-scripts --no-progress && npm cache clean --force
COPY --from=build /app/lib lib/
# Data of the embedded registry: mount a volume here, or set CLICKHOUSE_URL.
ENV POLO_DATA_DIR=/var/lib/polo
RUN install -d -o node -g node /var/lib/polo
# The user node, as a number: so Kubernetes can tell that it is not root.
USER 1000:1000
# The worker drains for up to 30 seconds: whoever stops it has to grant more.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["node", "lib/worker/healthcheck.js"]
# As `npm run worker` runs it: V8 lets garbage grow with the memory of the machine otherwise (BENCHMARKS.md).
CMD ["node", "--max-old-space-size=1024", "lib/worker/main.js"]
