# The server: `weft serve` on Deno, as a user without rights, with no more permissions than it uses.
#
#   docker build -t weft .
#   docker run --rm -e WEFT_NATS_URL=nats://host.docker.internal:4222 weft

# The packages of package-lock.json, exactly; the development tools stay behind.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /weft
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM denoland/deno:2.9.5
WORKDIR /weft
COPY --from=packages /weft/node_modules node_modules
COPY package.json deno.json ./
COPY src src
COPY actors actors
# A volume made here belongs to the user below.
RUN mkdir /state && chown deno:deno /state
USER deno
VOLUME /state
ENV DENO_NO_UPDATE_CHECK=1 DENO_NO_PROMPT=1 NO_COLOR=1
ENTRYPOINT ["deno", "run", "--no-remote", "--cached-only", "--allow-net", "--allow-env", "--allow-read=/weft,/state", "--allow-write=/state", "src/main.ts"]
CMD ["serve"]
