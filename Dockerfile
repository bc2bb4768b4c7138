# The server with the browser application; Postgres and Redis are containers of their own: see compose.yaml.

FROM node:20.19-bookworm AS node

FROM rust:1.92-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /gridloom
COPY . .
# The steps of `make run`.
RUN scripts/setup && scripts/wasm && scripts/web \
    && cargo build --locked --release -p grpc-server --bin gridloom

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --shell /usr/sbin/nologin --home-dir /var/lib/gridloom --create-home gridloom \
    # A volume that is mounted at one of them for the first time gets this owner.
    && install --directory --owner=10001 --group=gridloom --mode=0700 /var/lib/gridloom/queries \
    && install --directory --owner=10001 --group=gridloom --mode=0700 /var/lib/gridloom-files
COPY --from=build /gridloom/target/release/gridloom /usr/local/bin/gridloom
COPY --from=build /gridloom/web-client/dist /usr/share/gridloom/web
ENV GRIDLOOM_LISTEN=0.0.0.0:7400 \
    GRIDLOOM_DATA_DIR=/var/lib/gridloom \
    GRIDLOOM_WEB_DIR=/usr/share/gridloom/web
USER 10001
EXPOSE 7400
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/7400 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q HTTP/ <&3"]
# SIGTERM drains: give it --drain-seconds and as long again to commit.
STOPSIGNAL SIGTERM
ENTRYPOINT ["gridloom"]
CMD ["serve"]
