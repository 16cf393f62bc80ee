using System.Diagnostics;

using Benchmarks.Load.RawHttp;
using Benchmarks.Load.Requests;
using Benchmarks.Load.Servers;

namespace Benchmarks.Load.Questions;

/// <summary>Time of the first answer to every question, by the number of stored studies, and how it grows.</summary>
internal sealed class QuestionBenchmark
{
    private const int MaxStudies = 1_000_000;
    private const int Repetitions = 3;
    private const double EnoughMilliseconds = 5_000;
    private const int BatchSize = 5_000;

    // So that a slow answer is measured rather than refused.
    private static readonly (string, string)[] s_limits = [("Limits__ComputeSeconds", "3600"), ("Limits__MaxAnswerBytes", "2000000000")];

    private static readonly string[] s_columnsBefore = ["before, ms", "before, power", "times faster"];

    private readonly BenchmarkReport _report;
    private readonly BenchmarkContext _scope;
    private readonly ServiceBuild? _before;
    private readonly double _tolerance;
    private readonly Dictionary<(string Question, bool IsBefore), (int Studies, double Milliseconds)> _smaller = [];

    private QuestionBenchmark(CommandLineArguments arguments, BenchmarkContext scope, BenchmarkReport report)
    {
        (_report, _scope) = (report, scope);
        _before = arguments.Value("--before") is { } folder ? new(folder) : null;
        _tolerance = arguments.Number("--tolerance", 1);
    }

    /// <returns>Whether no answer took longer than its goal times the tolerance.</returns>
    public static async Task<bool> RunAsync(CommandLineArguments arguments, TextWriter output)
    {
        using var scope = new BenchmarkContext(arguments);
        var report = new BenchmarkReport(output);
        var benchmark = new QuestionBenchmark(arguments, scope, report);
        var most = Math.Min(arguments.Number("--most", Question.FirstGoalStudies), MaxStudies);
        for (var studies = Question.FirstGoalStudies; studies <= most; studies *= 10)
        {
            await benchmark.MeasureAsync(studies);
        }

        report.WriteSummary();
        return report.AllGoalsMet;
    }

    private async Task MeasureAsync(int studies)
    {
        await using var service = await StartAsync(_scope.Build, studies);
        await using var before = _before is null ? null : await StartAsync(_before, studies);
        _report.BeginTable($"First answers over {studies:N0} studies with {studies + (studies / 2):N0} effects: ms, in "
                + $"calibration loops of about {CalibrationLoop.NominalMilliseconds:0} ms, and the power of the number of studies by which it grew",
            ["question", "bytes", "ms", "loops", "power", .. _before is null ? [] : s_columnsBefore, "goal"]);
        foreach (var question in Question.All)
        {
            var loop = CalibrationLoop.Measure();
            var (status, bytes, now) = Ask(service.Server, question);
            List<string> cells = [question.Name, $"{bytes:N0}", Text(status, now), FigureFormat.ThreeDigits(now / loop), Power(question, false, studies, now)];
            if (before is not null)
            {
                var (statusBefore, _, then) = Ask(before.Server, question);
                cells.AddRange([Text(statusBefore, then), Power(question, true, studies, then), $"{FigureFormat.ThreeDigits(then / now)}×"]);
            }

            var loops = status == 200 ? now / loop : double.PositiveInfinity;
            _report.WriteRow(question.GoalOf(studies) is { } goal
                ? [BenchmarkGoal.Max("loops", loops, _tolerance * goal / CalibrationLoop.NominalMilliseconds, "")] : [], [.. cells]);
        }
    }

    private async Task<RunningService> StartAsync(ServiceBuild build, int studies)
    {
        var service = await build.StartAsync([("Storage__Path", _scope.NewFilePath($"{studies}.db")), .. s_limits]);
        for (var from = 0; from < studies; from += BatchSize)
        {
            var to = Math.Min(studies, from + BatchSize);
            await BatchUpload.UploadNdjsonAsync(service.Server, MixedStudies.Ndjson(from, to), to - from);
        }

        return service;
    }

    /// <summary>The least time of several new questions; a slow one is asked twice, as the first of all reads the evidence.</summary>
    private static (int Status, int Bytes, double Milliseconds) Ask(BenchmarkServer server, Question question)
    {
        var (status, bytes, least) = (0, 0, double.PositiveInfinity);
        for (var i = 0; i < Repetitions && (i < 2 || least < EnoughMilliseconds); i++)
        {
            using var connection = new RawHttpConnection(server.Address);
            var request = RawHttpRequest.Get(question.PathOf(i));
            var started = Stopwatch.GetTimestamp();
            status = connection.Send(request);
            least = Math.Min(least, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            bytes = connection.Body.Length;
        }

        return (status, bytes, least);
    }

    private string Power(Question question, bool isBefore, int studies, double milliseconds)
    {
        var power = _smaller.TryGetValue((question.Name, isBefore), out var smaller)
            ? $"{Math.Log(milliseconds / smaller.Milliseconds) / Math.Log((double)studies / smaller.Studies):0.00}" : "–";
        _smaller[(question.Name, isBefore)] = (studies, milliseconds);
        return power;
    }

    private static string Text(int status, double milliseconds) => status == 200 ? FigureFormat.ThreeDigits(milliseconds)
        : $"{FigureFormat.ThreeDigits(milliseconds)} (status {status})";
}
