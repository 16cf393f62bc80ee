using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Architecture;

/// <summary>The commands of README and manual return what they show.</summary>
public sealed partial class ReadmeTests
{
    private const string PlotFile = ".github/forest.svg";
    private const string ReadmeHost = "localhost:8080";

    // Of the clinic that `import --demo-sessions` loads.
    private const string ClinicMarker = "# of sixty invented patients";

    private static readonly string[] s_programs = ["bash", "curl", "jq", "unzip", "Rscript"];

    [Theory]
    [InlineData(true, 9)]
    [InlineData(false, 30)]
    public async Task Every_curl_command_returns_what_is_shown(bool isReadme, int atLeast)
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        var asked = await RunCommandsAsync(service, isReadme ? RepositoryFiles.Read("README.md") : ManualFiles.Text,
            command => !command.Contains(ClinicMarker, StringComparison.Ordinal));
        Assert.True(asked.Count >= atLeast, $"{asked.Count} are too few");
        foreach (var part in new[] { "/studies -H", "/sessions -H", "/meta/pool", "/meta/moderators", "/meta/forest.svg" })
        {
            Assert.True(asked.Exists(c => c.Command.Contains(part, StringComparison.Ordinal) && c.Shown.Length > 0), $"{part} is asked without an answer");
        }
    }

    [Fact]
    public void The_first_answer_is_on_the_first_screen_of_a_short_README()
    {
        var lines = RepositoryFiles.Read("README.md").Split('\n');
        Assert.InRange(lines.Length, 50, 250);
        Assert.InRange(Array.FindIndex(lines, line => line.StartsWith("{\"correlation\"", StringComparison.Ordinal)), 5, 25);
    }

    [Fact]
    public async Task Every_number_of_the_invented_clinic_can_be_repeated()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        await service.Services.GetRequiredService<DemoSessions>().LoadAsync(Caller.DevelopmentTenant, TestContext.Current.CancellationToken);
        var asked = await RunCommandsAsync(service, ManualFiles.Text, command => command.Contains(ClinicMarker, StringComparison.Ordinal));
        Assert.All(asked, c => Assert.NotEmpty(c.Shown.Trim()));
        Assert.Equal(4, asked.Count);
        Assert.Contains($"import --demo-sessions --tenant {Caller.DevelopmentTenant}", ManualFiles.Read("Clinics"), StringComparison.Ordinal);
    }

    private static async Task<List<(string Command, string Shown)>> RunCommandsAsync(Service service, string documentation, Predicate<string> isWanted)
    {
        ExternalPrograms.SkipUnlessInstalled(string.Join(", ", s_programs), s_programs.All(ExternalPrograms.IsInstalled));
        var address = service.Client.BaseAddress!.Authority;
        using var folder = new TemporaryFolder();
        var asked = Commands(documentation)
            .Where(c => c.Command.StartsWith("curl", StringComparison.Ordinal) && isWanted(c.Command)).ToList();
        var others = new List<string>();
        foreach (var (command, shown) in asked)
        {
            var (code, output) = await ExternalPrograms.RunAsync(folder.Path, "bash", "-c", command.Replace(ReadmeHost, address, StringComparison.Ordinal));
            Assert.True(code == 0, $"{command}\n{output}");
            var answer = output.Replace(address, ReadmeHost, StringComparison.Ordinal);
            if (!MatchesShown(shown, answer))
            {
                others.Add($"{command}\nis answered with\n{answer}\nand shown with\n{shown}");
            }
        }

        Assert.True(others.Count == 0, string.Join('\n', others));
        return asked;
    }

    [Theory]
    [InlineData("a … c", "a b c", true)]
    [InlineData("a … c", "a b", false)]
    [InlineData("{\"r\":0.12345678901}", "{\"r\":0.12345678902}", true)]
    [InlineData("{\"r\":0.12345678901}", "{\"r\":0.12345679901}", false)]
    [InlineData("{\"n\":1502}", "{\"n\":1503}", false)]
    public void Shown_responses_may_leave_parts_out(string shown, string answer, bool isAnswer) => Assert.Equal(isAnswer, MatchesShown(shown, answer));

    [Theory]
    [InlineData("500 effects", "components/schemas/StudyRequest/properties/effects/maxItems")]
    [InlineData("100 measures", "components/schemas/SessionRequest/properties/measures/maxItems")]
    [InlineData("500 items", "components/schemas/MeasureRequest/properties/items/maxItems")]
    [InlineData("100,000", "components/schemas/PoolRequest/properties/effects/maxItems")]
    [InlineData("| 20 |", "components/schemas/ModeratorsRequest/properties/by/maxItems")]
    [InlineData("500 rows", "components/schemas/ForestRequest/properties/rows/maximum")]
    public async Task Limits_equal_those_in_the_OpenAPI_document(string shown, string limit)
    {
        await using var service = await Service.StartAsync();
        var number = (await service.Get("/openapi/v1.json")).At(limit)!.GetValue<int>().ToString("N0", CultureInfo.InvariantCulture);
        Assert.Contains(number, shown, StringComparison.Ordinal);
        Assert.Contains(shown, ManualFiles.Read("Settings").Split("## Limits and compatibility")[1].Split("\n## ")[0], StringComparison.Ordinal);
    }

    /// <c>REALRELATIONSHIP_WRITE_ANSWERS=1</c> records it.
    [Fact]
    public async Task The_plot_in_the_README_is_what_the_first_run_draws()
    {
        await using var service = await Service.StartAsync(("Demo__Load", "true"));
        var live = (await service.Get("/meta/forest.svg")).ShouldBe(200).Text;
        if (Environment.GetEnvironmentVariable("REALRELATIONSHIP_WRITE_ANSWERS") == "1")
        {
            await File.WriteAllTextAsync(Path.Combine(RepositoryFiles.Root, PlotFile), live + "\n");
        }

        Assert.Contains($"]({PlotFile})", RepositoryFiles.Read("README.md"), StringComparison.Ordinal);
        Assert.Equal(WithoutTime(live), WithoutTime(RepositoryFiles.Read(PlotFile).TrimEnd()));
    }

    // Every command of every block, with the lines below it.
    private static IEnumerable<(string Command, string Shown)> Commands(string documentation)
    {
        foreach (var block in Console().Matches(documentation).Select(m => m.Groups["text"].Value))
        {
            var (command, shown) = (new StringBuilder(), new StringBuilder());
            foreach (var line in block.Split('\n'))
            {
                // A command goes on while a quotation is open.
                if (command.Length > 0 && command.ToString().Count(c => c == '\'') % 2 == 1)
                {
                    command.Append('\n').Append(line);
                }
                else if (line.StartsWith("$ ", StringComparison.Ordinal))
                {
                    if (command.Length > 0)
                    {
                        yield return (command.ToString(), shown.ToString());
                    }

                    command.Clear().Append(line[2..]);
                    shown.Clear();
                }
                else
                {
                    shown.Append(line).Append('\n');
                }
            }

            yield return (command.ToString(), shown.ToString());
        }
    }

    // Ignores line breaks, the last digits and timestamps; "…" matches anything.
    private static bool MatchesShown(string shown, string answer)
    {
        var pattern = string.Join(".*", Normalize(shown).Split('…').Select(Regex.Escape));
        return Regex.IsMatch(Normalize(answer), $"^{pattern}$", RegexOptions.Singleline, TimeSpan.FromSeconds(5));
    }

    private static string Normalize(string text) =>
        LongNumber()
            .Replace(Blank().Replace(WithoutTime(text), ""),
                m => double.Parse(m.Value, CultureInfo.InvariantCulture).ToString("G9", CultureInfo.InvariantCulture));

    private static string WithoutTime(string text) => Instant().Replace(text, "<time>");

    [GeneratedRegex("```console\n(?<text>.*?)\n```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Console();

    [GeneratedRegex(@"\s", RegexOptions.None, 1000)]
    private static partial Regex Blank();

    [GeneratedRegex(@"-?\d+\.\d{7,}(E-?\d+)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LongNumber();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d(T[0-9:.]+Z)?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Instant();
}
