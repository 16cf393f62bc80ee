namespace Benchmarks.Load.Questions;

/// <summary>A GET request over all stored evidence.</summary>
/// <param name="Name">Name of the question.</param>
/// <param name="Path">Path and query.</param>
/// <param name="GoalMilliseconds">First answer over 1,000, 10,000 and 100,000 studies, where a calibration loop takes 10 ms; empty without a goal.</param>
internal sealed record Question(string Name, string Path, params IReadOnlyList<double> GoalMilliseconds)
{
    /// <summary>Studies of the first goal; each next one is of ten times as many.</summary>
    public const int FirstGoalStudies = 1_000;

    /// <summary>Whether the parameters of a filter make it a question that was not asked before.</summary>
    public bool TakesFilter { get; init; } = true;

    public static IReadOnlyList<Question> All { get; } =
    [
        new("pool", "/meta/pool", 30, 200, 2_000),
        new("pool, aggregated", "/meta/pool?dependence=aggregate", 15, 100, 1_000),
        new("pool of a selection", "/meta/pool?outcomeType=sessionOutcome&estimator=pm&dependence=aggregate"),
        new("three moderators", "/meta/moderators?by=outcomeType&by=relationshipRater&by=outcomeRater", 60, 500, 5_000),
        new("regression, two terms", "/meta/regression?terms=outcomeType&terms=year"),
        new("bias", "/meta/bias", 50, 400, 4_000),
        new("sensitivity", "/meta/sensitivity", 300, 3_000, 30_000),
        new("sensitivity, aggregated", "/meta/sensitivity?dependence=aggregate", 50, 400, 4_000),
        new("changes since the first study", "/meta/changes?from=0", 100),
        new("forest plot", "/meta/forest.svg", 50, 300, 3_000),
        new("funnel plot", "/meta/funnel.svg", 50, 300, 3_000),
        new("cumulative plot", "/meta/cumulative.svg", 50, 300, 3_000),
        new("a page of 200 effects", "/effects?limit=200", 5, 5, 5) { TakesFilter = false },
        new("all effects as CSV", "/effects.csv") { TakesFilter = false },
        new("report", "/meta/report.txt"),
        new("archive", "/export.zip", 100, 500, 5_000),
        new("page", "/", 100, 500, 5_000),
        new("OpenAPI document", "/openapi/v1.json", 20, 20, 20) { TakesFilter = false },
    ];

    /// <summary>The goal for a number of studies; null if there is none.</summary>
    public double? GoalOf(int studies)
    {
        var step = (int)Math.Round(Math.Log10((double)studies / FirstGoalStudies));
        return step >= 0 && step < GoalMilliseconds.Count && FirstGoalStudies * Math.Pow(10, step) == studies ? GoalMilliseconds[step] : null;
    }

    /// <summary>The question as it was not asked before.</summary>
    public string PathOf(int number) => TakesFilter ? $"{Path}{(Path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}exclude=none-{number}" : Path;
}
