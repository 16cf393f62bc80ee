using System.Globalization;
using System.Text.Json;

namespace Faults.Support;

/// <summary>A study whose content is determined by its key, so that an acknowledged study is known by its key alone.</summary>
internal sealed record GeneratedStudy(string Key)
{
    private const uint Prime = 16777619;
    private const double Tolerance = 1e-12;

    public double R => Math.Round((Hash % 1801 / 1000.0) - 0.9, 3);

    public long N => 10 + (Hash / 2048 % 2_000_000);

    private uint Hash => Key.Aggregate(2166136261, (hash, letter) => (hash ^ letter) * Prime);

    public string Json() => string.Create(CultureInfo.InvariantCulture,
        $$"""{"key":"{{Key}}","citation":{"authors":"Lee et al.","year":2020,"title":"A study"},"kind":"primary","effects":["""
        + $$"""{"key":"e1","sample":"{{Key}}","statistic":{"type":"r","value":{{R}},"n":{{N}}},"outcomeType":"treatmentOutcome","relationshipRater":"client","""
        + $$""" "outcomeRater":"client","relationshipMeasure":"rri-c","outcomeMeasure":"phq-9","outcomeDirection":"higherIsBetter","""
        + $$""" "level":"betweenClient"}]}""");

    /// <summary>What is wrong with the stored study; null when it is the one that was sent.</summary>
    public string? FindError(double reported, long? n, double? stored) =>
        reported == R && n == N && Math.Abs(stored.GetValueOrDefault() - Math.Atanh(R)) < Tolerance ? null
            : $"{Key} is stored with r = {reported}, n = {n}, z = {stored}, not r = {R}, n = {N}";

    /// <summary>Describes the error in the response to <c>GET /studies/{key}/versions</c>; null if it has the one version that was sent.</summary>
    public string? FindError(JsonElement versions)
    {
        var all = versions.GetProperty("versions");
        if (all.GetArrayLength() != 1)
        {
            return $"{Key} has {all.GetArrayLength()} versions";
        }

        var effect = all[0].GetProperty("effects")[0];
        var statistic = effect.GetProperty("statistic");
        return FindError(statistic.GetProperty("value").GetDouble(), statistic.GetProperty("n").GetInt64(),
            effect.GetProperty("stored").GetProperty("yi").GetDouble());
    }
}
