using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Coding;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>How reliably studies were coded, as the reporting standards of the APA for meta-analyses ask.</summary>
internal static class AgreementPhrasing
{
    /// <summary>Number of second codings, and their agreement with the studies' own.</summary>
    /// <param name="agreement">The agreement.</param>
    /// <param name="studies">Number of studies that are pooled.</param>
    public static RichText Sentence(AgreementResponse agreement, int studies)
    {
        if (studies == 0)
        {
            return RichText.Empty;
        }

        if (agreement.Codings == 0)
        {
            return RichText.Of($"No study was coded by a second person.");
        }

        var compared = agreement.Fields.Where(field => field.N > 0).ToList();
        return RichText.Join(" ",
            RichText.Of($"{ApaFormat.Count(agreement.Studies)} of {Phrasing.Plural(studies, "study", "studies")} {(agreement.Studies == 1 ? "was" : "were")} "
                + $"coded by another person, too ({Phrasing.Plural(agreement.Codings, "further coding")})."),
            compared.Count == 0 ? RichText.Empty : RichText.Of($"Agreement with the studies' own coding: {RichText.Join("; ", compared.Select(Field))}."),
            FisherZ(agreement.Z), Unmatched(agreement.Unmatched.N));
    }

    private static RichText Field(FieldAgreementResponse field) => RichText.Of(
        $"{Phrasing.SplitCamelCase(field.Field)} {ApaFormat.Percent(field.Percent)} of {ApaFormat.Count(field.N)}{Kappa(field.Kappa)}");

    private static string Kappa(KappaResponse? kappa) => kappa is null ? ""
        : $" (Cohen's κ = {ApaFormat.Correlation(kappa.Value)}{Limits(kappa.Lower, kappa.Upper)})";

    private static RichText FisherZ(ZAgreementResponse z) => z switch
    {
        { N: 0 } => RichText.Empty,
        { Icc: { } icc } => RichText.Of($"The intraclass correlation of Fisher {Symbols.Z} over {Phrasing.Plural(z.N, "effect")} was "
            + $"{EnumNames<IccForm>.Of(icc.Form)} = {ApaFormat.Correlation(icc.Value)}{Limits(icc.Lower, icc.Upper)}."),
        _ => RichText.Of($"Fisher {Symbols.Z} was compared in {Phrasing.Plural(z.N, "effect")}, of which {ApaFormat.Count(z.Differences.Count)} differed; an "
            + $"intraclass correlation needs five effects that are not all equal."),
    };

    private static RichText Unmatched(int effects) => effects == 0 ? RichText.Empty
        : RichText.Of($"{Phrasing.Plural(effects, "effect")} {(effects == 1 ? "was" : "were")} coded by only one of two coders.");

    private static string Limits(double? lower, double? upper) => lower is null || upper is null ? ""
        : $", 95% CI [{ApaFormat.Correlation(lower)}, {ApaFormat.Correlation(upper)}]";
}
