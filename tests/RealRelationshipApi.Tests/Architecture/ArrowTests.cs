using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

using RealRelationshipApi.Tests.Vocabulary;

namespace RealRelationshipApi.Tests.HouseRules;

/// <summary>Data flows one way: which slice may use which.</summary>
public sealed partial class ArrowTests
{
    private static readonly string[] s_common = ["Http", "Storage", "Access"];

    // Beside the common ones and themselves. A new folder stands here before it may be used.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Http"] = [],
        ["Storage"] = [],
        ["Access"] = [],
        ["Studies"] = [],
        ["Instruments"] = [],
        ["Sessions"] = ["Instruments"],
        ["Fhir"] = ["Sessions", "Instruments"],
        ["Meta"] = ["Studies", "Sessions"],
    };

    private static readonly string[] s_free = ["Commands", "Program.cs"];

    [Fact]
    public void Slices_use_only_what_they_may()
    {
        var arrows = Repository.ServiceSources().SelectMany(file => Used().Matches(file.Text).Select(m => (File: file.Path, From: Slice(file.Text), To: m.Groups["slice"].Value)))
            .Where(a => a.From != a.To && !s_free.Contains(a.From)).Distinct().ToList();
        Assert.True(arrows.Count > 50, "the search for arrows finds too few");
        Assert.Empty(arrows.Where(a => !s_allowed.TryGetValue(a.From, out var allowed) || !allowed.Concat(s_common).Contains(a.To)).Select(a => $"{a.File} uses {a.To}"));
    }

    [Fact]
    public void The_statistics_reference_nothing_but_the_base_library_and_a_numerics_package()
    {
        using var file = new PEReader(File.OpenRead(typeof(RealRelationship.Statistics.FisherZ).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var assemblies = metadata.AssemblyReferences.Select(a => metadata.GetString(metadata.GetAssemblyReference(a).Name));
        Assert.DoesNotContain(assemblies, a => !a.StartsWith("System.", StringComparison.Ordinal) && a != "MathNet.Numerics");
    }

    [Fact]
    public void The_statistics_touch_no_file_no_network_no_clock_and_no_chance()
    {
        using var file = new PEReader(File.OpenRead(typeof(RealRelationship.Statistics.FisherZ).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var used = metadata.TypeReferences.Select(metadata.GetTypeReference).Select(t => $"{metadata.GetString(t.Namespace)}.{metadata.GetString(t.Name)}").ToList();
        Assert.Contains("System.Math", used);
        string[] namespaces = ["System.IO.", "System.Net.", "System.Data.", "Microsoft."];
        // Not System.Environment: the compiler asks it for the thread wherever a method yields.
        string[] types = ["System.Console", "System.DateTime", "System.DateTimeOffset", "System.TimeProvider", "System.Diagnostics.Stopwatch"];
        Assert.DoesNotContain(used, t => types.Contains(t) || Array.Exists(namespaces, n => t.StartsWith(n, StringComparison.Ordinal)));
    }

    [Fact]
    public void Program_is_a_table_of_contents() => Assert.InRange(Repository.Read("src/RealRelationshipApi/Program.cs").TrimEnd().Split('\n').Length, 1, 60);

    private static string Slice(string text) => Own().Match(text) is { Success: true } own ? own.Groups["slice"].Value : "Program.cs";

    [GeneratedRegex(@"^namespace RealRelationshipApi\.(?<slice>\w+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Own();

    [GeneratedRegex(@"(?<![\w.])RealRelationshipApi\.(?<slice>[A-Z]\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Used();
}
