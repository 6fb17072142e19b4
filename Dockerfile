# The service in one image: the binary and the shipped model. Not built in CI, which has no container engine.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data quaver && install -d -o quaver /data
COPY --from=build /src/target/release/quaver /usr/local/bin/quaver
COPY --from=build /src/models /usr/local/share/quaver/models
USER quaver
WORKDIR /data
ENV QUAVER__SERVER__LISTEN=0.0.0.0:8080 QUAVER__DATA__DIR=/data
EXPOSE 8080
ENTRYPOINT ["quaver"]
CMD ["serve"]
