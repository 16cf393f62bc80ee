using Xunit.v3;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>Places are found by the word that a maintainer types; files and folders stay readable.</summary>
public sealed class SourceLayoutTests
{
    private const int MaxLineLength = 160;
    private const int MaxFilesInFolder = 20;

    private static readonly string[] s_textExtensions = [".cs", ".csproj", ".props", ".css", ".html", ".js", ".mjs", ".ts", ".R"];

    private static readonly string[] s_generatedFolders = ["bin", "obj", "node_modules", "generated", "dist"];

    public static TheoryData<string> SearchTerms =>
    [
        "cache", "CORS", "rate limit", "load shedding", "checkpoint", "prepared statement", "idempotency", "ETag", "migration", "snapshot", "model frame",
        "column encryption", "key rotation", "API key", "scope", "audit", "disclosure", "erasure", "reference resolver", "participants",
    ];

    [Theory, MemberData(nameof(SearchTerms))]
    public void A_search_term_hits_the_name_of_a_type_or_file(string term) =>
        Assert.Contains(SourceNames(), name => name.Contains(PascalCase(term), StringComparison.Ordinal));

    [Theory]
    [InlineData("CORS", "CorsPolicy", true)]
    [InlineData("ETag", "MetaTag", false)]
    [InlineData("rate limit", "RateLimiter", true)]
    [InlineData("rate limit", "LimitRate", false)]
    public void A_term_is_found_as_words_in_Pascal_case(string term, string name, bool isFound) =>
        Assert.Equal(isFound, name.Contains(PascalCase(term), StringComparison.Ordinal));

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void No_line_is_longer_than_160_characters(string folder)
    {
        var files = TextFiles(folder).ToList();
        Assert.True(files.Count > 100, "the search for files finds too few");
        Assert.Empty(files.SelectMany(file => File.ReadLines(file).Index().Where(l => l.Item.Length > MaxLineLength)
            .Select(l => $"{Path.GetRelativePath(RepositoryFiles.Root, file)}:{l.Index + 1}: {l.Item.Length}")));
    }

    [Fact]
    public void No_source_folder_has_more_than_20_files_beside_each_other()
    {
        var folders = TextFiles("src").Where(f => f.EndsWith(".cs", StringComparison.Ordinal)).GroupBy(f => Path.GetDirectoryName(f)!).ToList();
        Assert.Contains(folders, f => f.Count() > MaxFilesInFolder / 2);
        Assert.Empty(folders.Where(f => f.Count() > MaxFilesInFolder).Select(f => $"{f.Count()} files in {Path.GetRelativePath(RepositoryFiles.Root, f.Key)}"));
    }

    [Fact]
    public void Every_test_that_CI_leaves_out_on_PostgreSQL_exists()
    {
        var line = RepositoryFiles.Read(".ci/run").Split('\n').Single(l => l.StartsWith("for part in ", StringComparison.Ordinal));
        var parts = line["for part in ".Length..].Split(';')[0].Split(' ');
        Assert.True(parts.Length > 5);
        var tests = typeof(SourceLayoutTests).Assembly.GetTypes().Select(t => t.FullName!).ToList();
        Assert.All(parts, p => Assert.Contains(tests, t => t.Contains($"RealRelationshipApi.Tests.{p}", StringComparison.Ordinal)));
    }

    [Fact]
    public void At_most_one_test_in_twenty_is_slow()
    {
        var tests = typeof(SourceLayoutTests).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .Where(m => m.IsDefined(typeof(FactAttribute), true)).ToList();
        var slow = tests.Where(m => m.GetCustomAttributes(true).OfType<ITraitAttribute>().SelectMany(t => t.GetTraits())
            .Contains(new("Category", "Slow")));
        Assert.InRange(slow.Count(), 1, tests.Count / 20);
    }

    private static IEnumerable<string> SourceNames() =>
        TextFiles("src").Select(f => Path.GetFileNameWithoutExtension(f))
            .Concat(new[] { typeof(Program).Assembly, typeof(RealRelationship.Storage.Database).Assembly, typeof(RealRelationship.Statistics.FisherZ).Assembly }
                .SelectMany(a => a.GetTypes()).Select(t => t.Name));

    // "rate limit" is found in RateLimiter, "CORS" in CorsPolicy, "API key" in ApiKeyCache.
    private static string PascalCase(string term) => string.Concat(term.Split(' ').Select(word =>
        char.ToUpperInvariant(word[0]) + (word.All(char.IsUpper) ? word[1..].ToLowerInvariant() : word[1..])));

    private static IEnumerable<string> TextFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, folder), "*", SearchOption.AllDirectories)
            .Where(file => s_textExtensions.Contains(Path.GetExtension(file))
                && !Path.GetRelativePath(RepositoryFiles.Root, file).Split(Path.DirectorySeparatorChar).Any(s_generatedFolders.Contains));
}
