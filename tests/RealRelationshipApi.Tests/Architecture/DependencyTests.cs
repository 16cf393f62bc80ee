using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>Data flows one way: which slice may use which.</summary>
public sealed partial class DependencyTests
{
    // Beside itself. A new folder stands here before it may be used.
    private static readonly Dictionary<string, string[]> s_allowedDependencies = new()
    {
        ["Storage"] = [],
        ["Http"] = ["Storage"],
        ["Security"] = ["Http", "Storage"],
        ["Instruments"] = ["Security", "Http", "Storage"],
        ["Sessions"] = ["Instruments", "Security", "Http", "Storage"],
        ["Studies"] = ["Sessions", "Instruments", "Security", "Http", "Storage"],
        ["Fhir"] = ["Sessions", "Instruments", "Security", "Http", "Storage"],
        ["Evidence"] = ["Studies", "Sessions", "Security", "Http", "Storage"],
        ["Analyses"] = ["Evidence", "Studies", "Sessions", "Security", "Http", "Storage"],
        ["Reporting"] = ["Analyses", "Evidence", "Studies", "Sessions", "Security", "Http", "Storage"],
    };

    private static readonly string[] s_composition = ["Hosting", "Program.cs"];

    [Fact]
    public void Slices_depend_only_on_allowed_slices()
    {
        var arrows = RepositoryFiles.ServiceCSharpFiles()
            .SelectMany(file => UsedNamespace().Matches(file.Text).Select(m => (File: file.Path, From: Slice(file.Text), To: m.Groups["slice"].Value)))
            .Where(a => a.From != a.To && !s_composition.Contains(a.From)).Distinct().ToList();
        Assert.True(arrows.Count > 50, "the search for arrows finds too few");
        Assert.Empty(arrows.Where(a => !s_allowedDependencies.TryGetValue(a.From, out var allowed) || !allowed.Contains(a.To))
            .Select(a => $"{a.File} > {a.To}"));
    }

    [Fact]
    public void Every_file_declares_the_namespace_of_its_folder()
    {
        foreach (var (project, root) in new[] { ("RealRelationshipApi", "src/RealRelationshipApi"),
            ("RealRelationship.Storage", "src/RealRelationship.Storage") })
        {
            foreach (var (path, text) in RepositoryFiles.CSharpFiles(root).Where(f => f.Path != "Program.cs"))
            {
                var folders = path.Split('/')[..^1];
                Assert.True(text.Contains($"namespace {string.Join('.', [project, .. folders])};", StringComparison.Ordinal), path);
            }
        }
    }

    [Fact]
    public void The_statistics_library_references_only_the_BCL_and_MathNet() =>
        Assert.DoesNotContain(ReferencedAssemblies(typeof(RealRelationship.Statistics.FisherZ)),
            a => !a.StartsWith("System.", StringComparison.Ordinal) && a != "MathNet.Numerics");

    // Not ASP.NET, and nothing of the service.
    [Fact]
    public void Storage_references_only_the_BCL_extensions_and_database_drivers()
    {
        string[] allowed = ["System.", "Microsoft.Extensions.", "Microsoft.Data.Sqlite", "SQLitePCLRaw.", "Npgsql", "Dapper"];
        var references = ReferencedAssemblies(typeof(RealRelationship.Storage.Database));
        Assert.Contains("Npgsql", references);
        Assert.DoesNotContain(references, a => !Array.Exists(allowed, prefix => a.StartsWith(prefix, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_statistics_library_uses_no_files_network_clock_or_randomness()
    {
        using var file = new PEReader(File.OpenRead(typeof(RealRelationship.Statistics.FisherZ).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var used = metadata.TypeReferences.Select(metadata.GetTypeReference).Select(t => $"{metadata.GetString(t.Namespace)}.{metadata.GetString(t.Name)}")
            .ToList();
        Assert.Contains("System.Math", used);
        string[] namespaces = ["System.IO.", "System.Net.", "System.Data.", "Microsoft."];
        // Not System.Environment: the compiler asks it for the thread wherever a method yields.
        string[] types = ["System.Console", "System.DateTime", "System.DateTimeOffset", "System.TimeProvider", "System.Diagnostics.Stopwatch"];
        Assert.DoesNotContain(used, t => types.Contains(t) || Array.Exists(namespaces, n => t.StartsWith(n, StringComparison.Ordinal)));
    }

    [Fact]
    public void Program_has_at_most_60_lines() =>
        Assert.InRange(
            RepositoryFiles.Read("src/RealRelationshipApi/Program.cs").TrimEnd().Split('\n')
                .Count(line => !line.StartsWith("using ", StringComparison.Ordinal)), 1, 45);

    private static List<string> ReferencedAssemblies(Type type)
    {
        using var file = new PEReader(File.OpenRead(type.Assembly.Location));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(a => metadata.GetString(metadata.GetAssemblyReference(a).Name))];
    }

    private static string Slice(string text) => OwnNamespace().Match(text) is { Success: true } own ? own.Groups["slice"].Value : "Program.cs";

    [GeneratedRegex(@"^namespace (RealRelationshipApi\.(?<slice>\w+)|RealRelationship\.(?<slice>Storage))", RegexOptions.ExplicitCapture
        | RegexOptions.Multiline, 1000)]
    private static partial Regex OwnNamespace();

    [GeneratedRegex(@"(?<![\w.])(RealRelationshipApi\.(?<slice>[A-Z]\w+)|RealRelationship\.(?<slice>Storage))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UsedNamespace();
}
