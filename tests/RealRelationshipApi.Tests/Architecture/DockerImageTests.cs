using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>The image contains nothing that helps an intruder.</summary>
public sealed class DockerImageTests
{
    private readonly string _finalStage = RepositoryFiles.Read("Dockerfile").Split("\nFROM ")[^1];

    [Fact]
    public void The_image_runs_as_an_unprivileged_user() => Assert.Matches(@"(?m)^USER [1-9][0-9]{3,}$", _finalStage);

    [Fact]
    public void The_image_disables_core_dumps_and_diagnostics()
    {
        Assert.Contains("DOTNET_DbgEnableMiniDump=0", _finalStage, StringComparison.Ordinal);
        Assert.Contains("DOTNET_EnableDiagnostics=0", _finalStage, StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_needs_no_shell()
    {
        Assert.DoesNotContain("\nRUN ", _finalStage, StringComparison.Ordinal);
        Assert.Contains("CMD [\"/app/RealRelationshipApi\", \"healthcheck\"]", _finalStage, StringComparison.Ordinal);
        Assert.Contains("ENTRYPOINT [\"/app/RealRelationshipApi\"]", _finalStage, StringComparison.Ordinal);
    }

    [Fact]
    public void Base_images_can_be_pinned_by_digest()
    {
        var lines = RepositoryFiles.Read("Dockerfile").Split('\n');
        Assert.Equal(["FROM ${SDK_IMAGE} AS build", "FROM ${RUNTIME_IMAGE}"], lines.Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)));
        foreach (var image in (string[])["SDK_IMAGE", "RUNTIME_IMAGE"])
        {
            Assert.True(Array.FindIndex(lines, line => line.StartsWith($"ARG {image}=mcr.microsoft.com/dotnet/", StringComparison.Ordinal))
                is >= 0 and var declared && declared < Array.FindIndex(lines, line => line.StartsWith("FROM ", StringComparison.Ordinal)), image);
        }
    }

    [Fact]
    public void The_image_contains_a_bill_of_materials() =>
        Assert.Contains("RUN .ci/sbom /app", RepositoryFiles.Read("Dockerfile"), StringComparison.Ordinal);

    [Fact]
    public void The_image_contains_no_secret() => Assert.DoesNotMatch("(?i)(ENV|ARG|=).*(privacy|password|secret)", _finalStage);
}
