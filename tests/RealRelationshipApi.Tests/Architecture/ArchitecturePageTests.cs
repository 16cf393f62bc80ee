using System.Text.RegularExpressions;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary><c>src/ARCHITECTURE.md</c> names files and folders that exist.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string[] s_roots = ["src/RealRelationshipApi", "src", ""];

    [Fact]
    public void Every_path_in_the_architecture_page_exists()
    {
        var paths = Paths(RepositoryFiles.Read("src/ARCHITECTURE.md")).ToList();
        Assert.True(paths.Count > 50, $"the page names only {paths.Count} paths");
        Assert.DoesNotContain(paths, path => !Exists(path));
    }

    [Theory]
    [InlineData("`Studies/StudyEndpoints.cs`", true)]
    [InlineData("`RealRelationship.Storage/Ledger`", true)]
    [InlineData("`tests/Testing`", true)]
    [InlineData("`Studies/NoSuchFile.cs`", false)]
    [InlineData("`NoSuchFile.cs`", false)]
    public void A_path_is_looked_for_in_the_service_in_src_and_in_the_repository(string text, bool exists) =>
        Assert.Equal(exists, Exists(Assert.Single(Paths(text))));

    private static IEnumerable<string> Paths(string text) => CodeSpan().Matches(text).Select(m => m.Groups["path"].Value);

    private static bool Exists(string path) => Array.Exists(s_roots, root => Path.Combine(RepositoryFiles.Root, root, path) is var full
        && (File.Exists(full) || Directory.Exists(full)));

    // Code spans with a slash or a file extension; commands have blanks.
    [GeneratedRegex(@"`(?<path>[\w.]+(/[\w.]*)+|\w+\.(cs|json))`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeSpan();
}
