# syntax=docker/dockerfile:1
# Base images, pinned by digest with --build-arg SDK_IMAGE=mcr.microsoft.com/dotnet/sdk@sha256:… and RUNTIME_IMAGE likewise.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM ${SDK_IMAGE} AS build
WORKDIR /source

# What restoring depends on comes first, so that a change of code does not restore again.
COPY src/Directory.Build.props src/Directory.Packages.props src/BannedSymbols.txt src/
COPY src/RealRelationship.Statistics/RealRelationship.Statistics.csproj src/RealRelationship.Statistics/
COPY src/RealRelationship.Storage/RealRelationship.Storage.csproj src/RealRelationship.Storage/
COPY src/RealRelationshipApi/RealRelationshipApi.csproj src/RealRelationshipApi/
RUN arch="$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" \
    && dotnet restore src/RealRelationshipApi --runtime "linux-$arch" -p:PublishReadyToRun=true

COPY .editorconfig ./
COPY openapi/ openapi/
COPY src/ src/
RUN arch="$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" \
    && dotnet publish src/RealRelationshipApi --no-restore --configuration Release --runtime "linux-$arch" --no-self-contained \
       -p:PublishReadyToRun=true -p:OpenApiGenerateDocumentsOnBuild=false --output /app \
    && mkdir /data

# The bill of materials (CycloneDX), as /app/sbom.cdx.json.
COPY .config/dotnet-tools.json .config/
COPY .ci/sbom .ci/
RUN .ci/sbom /app

FROM ${RUNTIME_IMAGE}
WORKDIR /app
COPY --from=build /app ./
# Time zones by name, which the base image may lack.
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
# The only place that the service writes to; 1654 is the image's own user.
COPY --from=build --chown=1654:1654 /data /data
VOLUME /data

ENV ASPNETCORE_ENVIRONMENT=Production \
    ASPNETCORE_URLS=http://+:8080 \
    Storage__Path=/data/realrelationship.db \
    SQLITE_TMPDIR=/data \
    DOTNET_EnableDiagnostics=0 \
    DOTNET_DbgEnableMiniDump=0
USER 1654
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s --retries=3 CMD ["/app/RealRelationshipApi", "healthcheck"]
ENTRYPOINT ["/app/RealRelationshipApi"]
