namespace Faults.Support;

/// <summary>What a scenario found.</summary>
/// <param name="Actions">What was done, in numbers.</param>
/// <param name="Result">Result in numbers.</param>
/// <param name="Violations">Violated guarantees, one sentence each; empty if there are none.</param>
internal sealed record ScenarioResult(string Actions, string Result, IReadOnlyList<string> Violations)
{
    public string Summary => $"{Actions}: {Result}{(Violations.Count > 0 ? $", {Violations.Count} violations" : "")}";
}
