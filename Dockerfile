# goodstanding in an image of its own: one static binary, no shell, no user but one.
#
#   docker build --build-arg VERSION=v1.2.3 -t goodstanding .
#   docker run -e GOODSTANDING_OC_SLUG=your-collective -v goodstanding:/var/lib/goodstanding -p 8080:8080 goodstanding

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ENV CGO_ENABLED=0
RUN go build -trimpath -buildvcs=false -ldflags "-s -w -X main.buildVersion=${VERSION}" -o /out/bin/goodstanding ./cmd/goodstanding
# The folders exist in the image with their owner, so that a new volume has them.
RUN mkdir -p /out/data/backups /out/tmp && chmod 0700 /out/data /out/data/backups && chmod 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /out/data /var/lib/goodstanding
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build /out/bin/goodstanding /usr/local/bin/goodstanding
COPY LICENSE NOTICE /usr/share/doc/goodstanding/

ENV GOODSTANDING_DATA=/var/lib/goodstanding \
    GOODSTANDING_LISTEN=:8080 \
    GOODSTANDING_METRICS_LISTEN=:9464 \
    PATH=/usr/local/bin
USER 65532:65532
VOLUME /var/lib/goodstanding
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/local/bin/goodstanding", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/goodstanding"]
CMD ["serve"]
