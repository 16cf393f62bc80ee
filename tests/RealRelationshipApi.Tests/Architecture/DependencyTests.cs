using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>Data flows one way: which folder may use which, by the symbols of the built assemblies.</summary>
public sealed class DependencyTests
{
    private static readonly Assembly[] s_assemblies = [typeof(Program).Assembly, typeof(RealRelationship.Storage.Database).Assembly];

    // In addition to the folder itself. A new folder has to be added here.
    private static readonly Dictionary<string, string[]> s_allowedDependencies = new()
    {
        ["Storage"] = [],
        ["Http"] = ["Storage"],
        ["Security"] = ["Http", "Storage"],
        ["Instruments"] = ["Security", "Http", "Storage"],
        ["Sessions"] = ["Instruments", "Security", "Http", "Storage"],
        ["Studies"] = ["Sessions", "Instruments", "Security", "Http", "Storage"],
        ["Documents"] = ["Studies", "Security", "Http", "Storage"],
        ["Fhir"] = ["Sessions", "Instruments", "Security", "Http", "Storage"],
        ["Evidence"] = ["Studies", "Sessions", "Security", "Http", "Storage"],
        ["Analyses"] = ["Evidence", "Documents", "Studies", "Sessions", "Security", "Http", "Storage"],
        ["Reporting"] = ["Analyses", "Evidence", "Documents", "Studies", "Sessions", "Security", "Http", "Storage"],
    };

    // They compose the parts, and may use all of them.
    private static readonly string[] s_composition = ["Hosting", "Program"];

    private static readonly Lazy<List<(Type From, Type To)>> s_dependencies = new(() =>
        [.. s_assemblies.SelectMany(a => a.GetTypes()).SelectMany(from => TypeReferences.Of(from).Select(to => (from, to)))
            .Where(d => SliceOf(d.from) is { } from && SliceOf(d.to) is { } to && from != to && !s_composition.Contains(from))]);

    [Fact]
    public void Folders_depend_only_on_allowed_folders()
    {
        Assert.True(s_dependencies.Value.Count > 500, $"the search for dependencies finds only {s_dependencies.Value.Count}");
        Assert.Empty(Violations(s_allowedDependencies));
    }

    [Fact]
    public void Every_dependency_is_reported_once_its_folder_may_use_none()
    {
        foreach (var (folder, allowed) in s_allowedDependencies.Where(d => d.Value.Length > 0))
        {
            var reported = Violations(new(s_allowedDependencies) { [folder] = [] });
            Assert.All(reported, r => Assert.StartsWith($"{folder}.", r, StringComparison.Ordinal));
            Assert.NotEmpty(reported);
            Assert.Empty(reported.Select(r => r.Split(" > ")[1]).Except(allowed));
        }
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
        // Excludes System.Environment, which the compiler uses in iterator methods for the thread id.
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

    private static List<string> Violations(Dictionary<string, string[]> allowed) =>
        [.. s_dependencies.Value.Where(d => !allowed.TryGetValue(SliceOf(d.From)!, out var slices) || !slices.Contains(SliceOf(d.To)))
            .Select(d => $"{SliceOf(d.From)}.{Outermost(d.From).Name.Split('`')[0]} > {SliceOf(d.To)}").Distinct().Order(StringComparer.Ordinal)];

    // The top folder of its project; null for types of others, and for code that generators write.
    private static string? SliceOf(Type type) => Outermost(type).FullName!.Split('.') switch
    {
        ["RealRelationshipApi", var slice, _, ..] => slice,
        ["RealRelationship", "Storage", ..] => "Storage",
        _ when type == typeof(Program) => "Program",
        _ => null,
    };

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
