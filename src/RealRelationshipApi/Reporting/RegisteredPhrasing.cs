using RealRelationshipApi.Evidence;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting;

/// <summary>Describes studies without a usable coefficient in words.</summary>
internal static class RegisteredPhrasing
{
    /// <summary>What a registered study reports: <c>positive, significant; no coefficient reported</c>.</summary>
    public static string Describe(RegisteredResult result)
    {
        var direction = result.Direction switch
        {
            ReportedDirection.Positive => "positive",
            ReportedDirection.None => "no association",
            ReportedDirection.Negative => "negative",
            ReportedDirection.Mixed => "mixed",
            _ => "direction not reported",
        };
        var significance = result.Significant switch { true => ", significant", false => ", not significant", null => "" };
        var state = result.State switch
        {
            RegistrationState.AwaitingData => "data awaited",
            RegistrationState.NotReported => "no coefficient reported",
            RegistrationState.OnlyJointModel => "coefficient of a joint model only",
            _ => "excluded",
        };
        return $"{direction}{significance}; {state}";
    }

    /// <summary>A sentence on the registered studies beside a pool; null if there are none.</summary>
    public static string? Sentence(EffectSet effects)
    {
        if (effects.Registered.Count == 0)
        {
            return null;
        }

        var results = effects.Registered.Select(s => s.Registered!).ToList();
        string[] directions =
        [
            .. Count(ReportedDirection.Positive, "positive"), .. Count(ReportedDirection.None, "no association"),
            .. Count(ReportedDirection.Negative, "negative"), .. Count(ReportedDirection.Mixed, "mixed"), .. Count(ReportedDirection.Unknown, "not stated"),
        ];
        var one = results.Count == 1;
        return $"{Phrasing.Plural(results.Count, "further eligible study", "further eligible studies")} {(one ? "gives" : "give")} no usable coefficient and "
            + $"{(one ? "is" : "are")} not pooled (reported direction: {string.Join(", ", directions)}; "
            + $"{ApaFormat.Count(results.Count(r => r.Significant == true))} reported as significant).";

        IEnumerable<string> Count(ReportedDirection direction, string name) =>
            results.Count(r => r.Direction == direction) is > 0 and var count ? [$"{name} {ApaFormat.Count(count)}"] : [];
    }
}
