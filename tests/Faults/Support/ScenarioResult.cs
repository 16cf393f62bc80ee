namespace Faults.Support;

/// <summary>What a scenario found.</summary>
/// <param name="Actions">What was done, in numbers.</param>
/// <param name="Result">What came of it, in numbers.</param>
/// <param name="Violations">Everything that was promised and did not hold, a sentence each; none when all is well.</param>
internal sealed record ScenarioResult(string Actions, string Result, IReadOnlyList<string> Violations)
{
    public string Summary => $"{Actions}: {Result}{(Violations.Count > 0 ? $", {Violations.Count} violations" : "")}";
}
