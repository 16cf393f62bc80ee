using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>What the image leaves to whoever gets in.</summary>
public sealed class ImageTests
{
    private readonly string _last = Repository.Read("Dockerfile").Split("\nFROM ")[^1];

    [Fact]
    public void The_image_runs_as_a_user_without_rights() => Assert.Matches(@"(?m)^USER [1-9][0-9]{3,}$", _last);

    [Fact]
    public void The_image_writes_no_core_dump_and_opens_no_door_to_debuggers()
    {
        Assert.Contains("DOTNET_DbgEnableMiniDump=0", _last, StringComparison.Ordinal);
        Assert.Contains("DOTNET_EnableDiagnostics=0", _last, StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_needs_no_shell()
    {
        Assert.DoesNotContain("\nRUN ", _last, StringComparison.Ordinal);
        Assert.Contains("CMD [\"/app/RealRelationshipApi\", \"healthcheck\"]", _last, StringComparison.Ordinal);
        Assert.Contains("ENTRYPOINT [\"/app/RealRelationshipApi\"]", _last, StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_holds_no_secret() => Assert.DoesNotMatch("(?i)(ENV|ARG|=).*(privacy|password|secret)", _last);
}
