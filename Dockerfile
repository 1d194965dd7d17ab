# A container for jobs: timele-load, what it needs, and a user without privileges.
#
#     docker build --tag timele-load .
#     docker run --rm --volume "$PWD:/data" timele-load --check orders.csv
#     docker run --rm --volume "$PWD:/data" --env PGHOST --env PGUSER --env PGPASSWORD --env PGDATABASE \
#         timele-load --create-schema --wait=60 users.csv orders.csv order_products.csv
#
# For outputs (--report, --rejects, --id-map) the user 1000 has to be allowed to write into the volume;
# or say --user "$(id -u):$(id -g)". The commands below are tried in a bare Debian 12; that Docker takes
# this file is not tested.

FROM debian:12-slim AS build
WORKDIR /build/timele-load
COPY . .
RUN apt-get update && \
    apt-get build-dep --yes --no-install-recommends --build-profiles nocheck ./
RUN DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage --build-profiles=nocheck -us -uc -b && \
    mv ../timele-load_*.deb ../timele-load.deb

FROM debian:12-slim
COPY --from=build /build/timele-load.deb /tmp/timele-load.deb
RUN apt-get update && \
    apt-get install --yes --no-install-recommends /tmp/timele-load.deb && \
    rm -rf /var/lib/apt/lists/* /tmp/timele-load.deb
RUN useradd --uid 1000 --create-home timele
USER 1000:1000
WORKDIR /data
ENTRYPOINT ["timele-load"]
