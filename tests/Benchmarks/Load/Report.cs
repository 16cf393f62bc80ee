namespace Benchmarks.Load;

/// <summary>Writes rows as they come, and keeps which goals were missed.</summary>
internal sealed class Report(TextWriter output)
{
    private readonly List<string> _missed = [];

    public bool IsAllMet => _missed.Count == 0;

    public void Head(string title, params ReadOnlySpan<string> columns)
    {
        output.WriteLine();
        output.WriteLine($"**{title}**");
        output.WriteLine();
        Line(columns);
        output.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", columns.Length))}");
    }

    /// <summary>Cells, the first of which names the row, and a last one with the goals.</summary>
    public void Row(IReadOnlyList<Goal> goals, params ReadOnlySpan<string> cells)
    {
        var name = cells[0];
        _missed.AddRange(goals.Where(goal => !goal.IsMet).Select(goal => $"{name}: {goal}"));
        Line([.. cells, string.Join("; ", goals)]);
    }

    public void Line(params ReadOnlySpan<string> cells)
    {
        output.WriteLine($"| {string.Join(" | ", cells.ToArray())} |");
        output.Flush();
    }

    public void Say(string text)
    {
        output.WriteLine(text);
        output.Flush();
    }

    /// <summary>How many goals were missed.</summary>
    public void End() => Say($"\n{(IsAllMet ? "Every goal was met." : $"{_missed.Count} goals were missed:\n- {string.Join("\n- ", _missed)}")}");
}
