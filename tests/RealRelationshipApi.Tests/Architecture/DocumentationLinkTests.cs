using System.Text.RegularExpressions;

using RealRelationshipApi.Reporting.Manual;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>Relative links in the Markdown files lead to a file, and to a heading in it.</summary>
public sealed partial class DocumentationLinkTests
{
    private static readonly string[] s_files =
    [
        .. ManualEndpoints.PageNames.Select(page => $"{ManualFiles.Folder}/{page}.md"),
        "README.md", ".github/CONTRIBUTING.md", "src/ARCHITECTURE.md", "src/RealRelationship.Statistics/README.md",
        "src/RealRelationshipApi/Security/THREATS.md", "tests/clients/README.md",
    ];

    [Fact]
    public void Every_relative_link_resolves()
    {
        var links = s_files.SelectMany(file => Link().Matches(RepositoryFiles.Read(file)).Select(match => (File: file, Target: match.Groups["target"].Value)))
            .Where(link => !link.Target.Contains("://", StringComparison.Ordinal) && !link.Target.StartsWith('/')).ToList();
        Assert.True(links.Count > 10, "too few links are found");
        Assert.Empty(links.Where(link => !Resolves(link.File, link.Target)).Select(link => $"{link.File}: {link.Target}"));
    }

    [Theory]
    [InlineData("README.md", "src/nothing.md")]
    [InlineData("README.md", "#no-such-heading")]
    [InlineData("src/ARCHITECTURE.md", "../README.md#no-such-heading")]
    public void A_broken_link_is_found(string file, string target) => Assert.False(Resolves(file, target));

    private static bool Resolves(string file, string target)
    {
        var parts = target.Split('#');
        var path = Path.GetFullPath(parts[0].Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, parts[0]), RepositoryFiles.Root);
        return Path.Exists(path)
            && (parts.Length == 1 || Heading().Matches(File.ReadAllText(path)).Any(heading => Anchor(heading.Groups["text"].Value) == parts[1]));
    }

    // As GitHub makes it of a heading.
    private static string Anchor(string heading) => NoAnchorCharacter().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.*?)\r?$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.None, 1000)]
    private static partial Regex NoAnchorCharacter();
}
