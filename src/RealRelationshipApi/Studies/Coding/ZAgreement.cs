using RealRelationship.Statistics.Agreement;

using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>Agreement on the sizes of effects. All statistics are converted by today's formulas, so that coders are compared and not releases.</summary>
internal static class ZAgreement
{
    private const int MinEffects = 5;

    private const int MaxListed = 20;

    // Below this, two conversions of one number differ by rounding.
    private const double Tolerance = 1e-12;

    public static ZAgreementResponse Of(IReadOnlyList<CodingComparison> comparisons)
    {
        var effects = comparisons.SelectMany(RatingsOf).ToList();
        var differences = effects.SelectMany(effect => effect.Others.Select(other =>
                new ZDifferenceResponse(effect.Study, effect.Effect, other.Name, effect.Own.Z, other.Z, other.Z - effect.Own.Z)))
            .Where(difference => Math.Abs(difference.Difference) > Tolerance).OrderByDescending(difference => Math.Abs(difference.Difference)).Take(MaxListed);
        return new(effects.Count, effects.Count < MinEffects ? null : Icc(effects), [.. differences]);
    }

    private static IccResponse? Icc(IReadOnlyList<CodedEffect> effects)
    {
        var sorted = effects.Select(effect => effect.All.OrderBy(rating => rating.Coder, StringComparer.Ordinal).ToList()).ToList();
        var coders = sorted.Select(ratings => string.Join('\n', ratings.Select(rating => rating.Coder))).Distinct(StringComparer.Ordinal).Count();
        var form = coders == 1 && sorted[0].Count == 2 ? IccForm.AbsoluteAgreement : IccForm.OneWay;
        double[][] z = [.. sorted.Select(ratings => ratings.Select(rating => rating.Z).ToArray())];
        return (form == IccForm.AbsoluteAgreement ? IntraclassCorrelation.AbsoluteAgreement(z) : IntraclassCorrelation.OneWay(z)) is { } icc
            ? new(form, icc.Value, icc.Lower, icc.Upper) : null;
    }

    private static IEnumerable<CodedEffect> RatingsOf(CodingComparison comparison) => comparison.Matches
        .SelectMany(match => match.Pairs, (match, pair) => (match.Coding.Coder, pair.Own, pair.Other)).GroupBy(pair => pair.Own.Key)
        .Select(pairs => (pairs.First().Own, Others: pairs.Select(pair => (pair.Coder, Z: ZOf(pair.Other))).Where(other => other.Z is not null).ToList()))
        .Where(effect => effect.Others.Count > 0 && ZOf(effect.Own) is not null)
        .Select(effect => new CodedEffect(comparison.Study.Key, effect.Own.Key, new(OwnCoder(comparison.Study, effect.Own), "", ZOf(effect.Own)!.Value),
            [.. effect.Others.Select(other => new Rating(StudyCodingRequest.IdOf(other.Coder), other.Coder, other.Z!.Value))]));

    // Names of tenants are no names of coders: a normal name has no control character.
    private static string OwnCoder(StudyRecord study, EffectRecord effect) =>
        effect.Coding?.Coder is { } coder ? StudyCodingRequest.IdOf(coder) : $"\u0001{study.Tenant}";

    private static double? ZOf(EffectRecord effect) => StudyEffect.Convert(effect).Stored?.Yi ?? effect.Stored?.Yi;

    private sealed record Rating(string Coder, string Name, double Z);

    private sealed record CodedEffect(string Study, string Effect, Rating Own, IReadOnlyList<Rating> Others)
    {
        public IEnumerable<Rating> All => [Own, .. Others];
    }
}
