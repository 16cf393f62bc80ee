using System.Text.Json.Serialization;

using RealRelationship.Statistics.Agreement;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>How far the codings of further coders agree with the studies' own.</summary>
/// <param name="Studies">Number of studies with a coding by another coder.</param>
/// <param name="Codings">Number of these codings.</param>
/// <param name="Fields">Agreement on outcomeType, raters, measures, scales, direction, level, timing (over pairs of effects) and design (over
/// codings).</param>
/// <param name="Z">Agreement on Fisher z.</param>
/// <param name="Unmatched">Effects that only one of two coders has.</param>
internal sealed record AgreementResponse(int Studies, int Codings, IReadOnlyList<FieldAgreementResponse> Fields, ZAgreementResponse Z,
    UnmatchedEffectsResponse Unmatched)
{
    /// <summary>How effects are matched and compared, for descriptions of operations.</summary>
    internal const string Rules =
        "Effects are matched by key, then by what makes an effect the same one (sample, outcome type, raters, measures, scales, level, timing), then by sample "
        + "and statistic, each where exactly one is left on both sides; the rest is `unmatched`. `fields` has per cent of agreement and Cohen's κ with the "
        + "interval of Fleiss, Cohen and Everitt (1969); it is null if a coder chose one category throughout, and has no limits if all agree. A scale that is "
        + "not given is `total`. `z` has the intraclass correlation of Fisher z, both converted by today's formulas: ICC(A,1) of McGraw and Wong (1996) if "
        + "the same two coders coded all effects, otherwise ICC(1,1); null under five effects. Effects without `coding.coder` count as coded by one person "
        + "for each tenant.";

    public static AgreementResponse Of(IReadOnlyList<CodingComparison> comparisons)
    {
        var compared = comparisons.Where(comparison => comparison.Matches.Count > 0).ToList();
        return new(compared.Count, compared.Sum(comparison => comparison.Matches.Count), FieldAgreement.Of(compared), ZAgreement.Of(compared),
            UnmatchedEffectsResponse.Of(compared));
    }
}

/// <summary>Agreement on a field.</summary>
/// <param name="Field">Name of the field.</param>
/// <param name="N">Number of comparisons.</param>
/// <param name="Percent">Per cent of comparisons with the same category, 0 to 100; null without one.</param>
/// <param name="Kappa">Cohen's κ; null if a coder chose one category throughout.</param>
internal sealed record FieldAgreementResponse(string Field, int N, double? Percent, KappaResponse? Kappa);

/// <summary>Cohen's κ with its 95 % interval, which is null if all agree.</summary>
/// <param name="Value">Cohen's κ.</param>
/// <param name="Lower">Lower limit of its 95 % interval.</param>
/// <param name="Upper">Upper limit of its 95 % interval.</param>
internal sealed record KappaResponse(double Value, double? Lower, double? Upper)
{
    internal static KappaResponse? Of(AgreementCoefficient? kappa) => kappa is null ? null : new(kappa.Value, kappa.Lower, kappa.Upper);
}

/// <summary>Agreement on Fisher z, oriented so that positive means that a stronger relationship goes with better outcome.</summary>
/// <param name="N">Number of effects that two coders or more give a z.</param>
/// <param name="Icc">Intraclass correlation of single codings; null under five effects, and if all are equal.</param>
/// <param name="Differences">Effects with different z, the largest differences first; at most 20.</param>
internal sealed record ZAgreementResponse(int N, IccResponse? Icc, IReadOnlyList<ZDifferenceResponse> Differences);

/// <summary>An intraclass correlation with its 95 % interval.</summary>
/// <param name="Form">ICC(A,1) for one pair of coders, ICC(1,1) where coders vary.</param>
/// <param name="Value">The correlation.</param>
/// <param name="Lower">Lower limit; null if all agree, and where the interval is not defined.</param>
/// <param name="Upper">Upper limit; null if all agree, and where the interval is not defined.</param>
internal sealed record IccResponse(IccForm Form, double Value, double? Lower, double? Upper);

internal enum IccForm
{
    [JsonStringEnumMemberName("ICC(A,1)")]
    AbsoluteAgreement,

    [JsonStringEnumMemberName("ICC(1,1)")]
    OneWay,
}

/// <summary>An effect that two coders give a different z.</summary>
/// <param name="Study">Key of the study.</param>
/// <param name="Effect">Key of the effect in the study.</param>
/// <param name="Coder">The other coder.</param>
/// <param name="Z">Fisher z of the study.</param>
/// <param name="OtherZ">Fisher z of the other coder.</param>
/// <param name="Difference">The other coder's z minus that of the study.</param>
internal sealed record ZDifferenceResponse(string Study, string Effect, string Coder, double Z, double OtherZ, double Difference);

/// <summary>Effects that only one of two coders has.</summary>
/// <param name="N">Their number.</param>
/// <param name="Effects">At most 100 of them.</param>
internal sealed record UnmatchedEffectsResponse(int N, IReadOnlyList<UnmatchedEffectResponse> Effects)
{
    private const int MaxListed = 100;

    internal static UnmatchedEffectsResponse Of(IReadOnlyList<CodingComparison> comparisons)
    {
        var unmatched = comparisons.SelectMany(comparison => comparison.Matches, (comparison, match) => (comparison.Study, Match: match))
            .SelectMany(compared => (IEnumerable<UnmatchedEffectResponse>)
            [
                .. compared.Match.StudyOnly.Select(effect => new UnmatchedEffectResponse(compared.Study.Key, effect.Key, compared.Match.Coding.Coder,
                    MissingFrom.Coding)),
                .. compared.Match.CodingOnly.Select(effect => new UnmatchedEffectResponse(compared.Study.Key, effect.Key, compared.Match.Coding.Coder,
                    MissingFrom.Study)),
            ]).ToList();
        return new(unmatched.Count, [.. unmatched.Take(MaxListed)]);
    }
}

/// <summary>An effect that only one of two coders has.</summary>
/// <param name="Study">Key of the study.</param>
/// <param name="Effect">Key of the effect, as the one gave it who has it.</param>
/// <param name="Coder">The other coder.</param>
/// <param name="MissingFrom">Who does not have it: the other coder's coding, or the study.</param>
internal sealed record UnmatchedEffectResponse(string Study, string Effect, string Coder, MissingFrom MissingFrom);

internal enum MissingFrom { Coding, Study }
