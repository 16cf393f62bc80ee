namespace Benchmarks.Load;

/// <summary>Writes rows immediately and collects missed goals.</summary>
internal sealed class BenchmarkReport(TextWriter output)
{
    private readonly List<string> _missedGoals = [];

    public bool AllGoalsMet => _missedGoals.Count == 0;

    public void BeginTable(string title, params ReadOnlySpan<string> columns)
    {
        output.WriteLine();
        output.WriteLine($"**{title}**");
        output.WriteLine();
        WriteCells(columns);
        output.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", columns.Length))}");
    }

    /// <summary>Cells, the first of which names the row, and a last one with the goals.</summary>
    public void WriteRow(IReadOnlyList<BenchmarkGoal> goals, params ReadOnlySpan<string> cells)
    {
        var name = cells[0];
        _missedGoals.AddRange(goals.Where(goal => !goal.IsMet).Select(goal => $"{name}: {goal}"));
        WriteCells([.. cells, string.Join("; ", goals)]);
    }

    public void WriteCells(params ReadOnlySpan<string> cells)
    {
        output.WriteLine($"| {string.Join(" | ", cells.ToArray())} |");
        output.Flush();
    }

    public void WriteLine(string text)
    {
        output.WriteLine(text);
        output.Flush();
    }

    /// <summary>How many goals were missed.</summary>
    public void WriteSummary() =>
        WriteLine($"\n{(AllGoalsMet ? "Every goal was met." : $"{_missedGoals.Count} goals were missed:\n- {string.Join("\n- ", _missedGoals)}")}");
}
