namespace Faults.Vocabulary;

/// <summary>What a scenario found.</summary>
/// <param name="What">What was done, in numbers.</param>
/// <param name="Result">What came of it, in numbers.</param>
/// <param name="Violations">Everything that was promised and did not hold, a sentence each; none when all is well.</param>
internal sealed record Finding(string What, string Result, IReadOnlyList<string> Violations)
{
    public string Summary => $"{What}: {Result}{(Violations.Count > 0 ? $", {Violations.Count} violations" : "")}";
}
