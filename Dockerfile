# The `weft` command on Deno, as a user without rights and with no more permissions than a server uses.
#
#   docker build -t weft .
#   docker run --rm -e WEFT_NATS_URL=nats://host.docker.internal:4222 weft serve

# The packages of package-lock.json, exactly; nothing but what is built of them goes on.
FROM node:24.21.0-bookworm-slim AS built
WORKDIR /weft
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
COPY actors actors
RUN npm run build

FROM denoland/deno:2.9.5
WORKDIR /weft
COPY --from=built /weft/dist dist
COPY <<"EOF" /usr/local/bin/weft
#!/bin/sh
exec deno run --no-remote --cached-only --no-prompt --allow-net --allow-read=/weft --allow-sys=hostname \
  --allow-env=WEFT_NATS_URL,WEFT_NATS_CREDENTIALS,WEFT_LOG_FORMAT,WEFT_METRICS,WEFT_KEY_FILE,WEFT_TENANT,WEFT_NAMESPACE,WEFT_HTTP_URL,WEFT_HTTP_HOST,WEFT_HTTP_ALLOWED_HOSTS,WEFT_AWS_ACCOUNT,WEFT_AWS_REGION,WAIT_TIME_SCALE,LAMBDA_ENDPOINT,WEFT_HTTP_CONNECTIONS,WEFT_HTTP_INTERNAL,SFN_MOCK_CONFIG,S3_ENDPOINT,WEFT_OBJECTS,AWS_ACCESS_KEY_ID,AWS_SECRET_ACCESS_KEY,AWS_SESSION_TOKEN,AWS_REGION,WEFT_MAP,WEFT_AWS,AWS_ENDPOINT_URL,AWS_DEFAULT_REGION,AWS_PROFILE,AWS_WEB_IDENTITY_TOKEN_FILE,AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,AWS_CONTAINER_CREDENTIALS_FULL_URI,WEFT_PROCESSES,WEFT_NATS_MONITORING,WEFT_RETENTION,OTEL_EXPORTER_OTLP_ENDPOINT,OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,OTEL_EXPORTER_OTLP_HEADERS,OTEL_EXPORTER_OTLP_PROTOCOL,OTEL_SERVICE_NAME,OTEL_RESOURCE_ATTRIBUTES,OTEL_METRIC_EXPORT_INTERVAL,OTEL_TRACES_EXPORTER,OTEL_METRICS_EXPORTER,OTEL_SDK_DISABLED,PATH,NO_COLOR,FORCE_COLOR,TERM,WEFT_LIMIT_* \
  /weft/dist/main.js "$@"
EOF
RUN chmod 755 /usr/local/bin/weft
USER deno
# One engine a container: who wants more starts more containers, each with a --name.
ENV DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 WEFT_PROCESSES=1
# Asks the engine through NATS: healthy means that requests are answered.
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s CMD ["weft", "executions", "list", "--limit", "1"]
ENTRYPOINT ["weft"]
CMD ["serve"]
