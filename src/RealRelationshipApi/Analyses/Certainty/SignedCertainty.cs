using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses.Certainty;

/// <summary>Adds the signed record to what the data say. There is no overall certainty without both.</summary>
internal static class SignedCertainty
{
    public static CertaintyResponse AddTo(CertaintyResponse computed, CertaintyRecord record)
    {
        if (!computed.IsSignedQuestion)
        {
            return record.Version == 0 ? computed : computed with
            {
                Warnings = [.. computed.Warnings, new Warning("signedForOtherQuestion",
                    "Judgements are signed for all stored evidence with the default filter; they say nothing of this selection.")],
            };
        }

        var domains = computed.Domains.Select(domain => domain with { Signed = Find(record, domain.Domain) }).ToList();
        var contradicted = domains.Find(d => d is
        { Domain: CertaintyDomain.PublicationBias, Proposed: CertaintyJudgement.NotAssessable, Signed.Judgement: CertaintyJudgement.None });
        var isComplete = record.StartsAt is not null && domains.TrueForAll(d => d.Signed is not null);
        return computed with
        {
            Domains = domains,
            Overall = isComplete && contradicted is null && computed.Synthetic == 0 ? Overall(record.StartsAt!, domains) : null,
            Warnings = [.. computed.Warnings, .. Warnings(computed, record, domains, contradicted is not null)],
        };
    }

    private static SignedJudgementResponse? Find(CertaintyRecord record, CertaintyDomain domain) =>
        record.Judgements.FirstOrDefault(j => j.Domain == domain) is { } signed
            ? new(signed.Judgement, signed.Reason, signed.By, signed.At, signed.EvidenceRevision!.Value) : null;

    private static OverallCertaintyResponse Overall(SignedStart start, List<CertaintyDomainResponse> domains)
    {
        var downgrades = domains.Sum(d => d.Signed!.Judgement switch
        {
            CertaintyJudgement.Serious => 1,
            CertaintyJudgement.VerySerious => 2,
            _ => 0,
        });
        var level = (CertaintyLevel)Math.Min((int)start.Level + downgrades, (int)CertaintyLevel.VeryLow);
        return new(level, start.Level, downgrades, start.Reason, start.By, start.At,
            [.. domains.Where(d => d.Signed!.Judgement == CertaintyJudgement.NotAssessable).Select(d => d.Domain)]);
    }

    private static IEnumerable<Warning> Warnings(CertaintyResponse computed, CertaintyRecord record, List<CertaintyDomainResponse> domains, bool isContradicted)
    {
        string[] missing =
        [
            .. record.StartsAt is null ? ["the starting level"] : Array.Empty<string>(),
            .. domains.Where(d => d.Signed is null).Select(d => EnumNames<CertaintyDomain>.Of(d.Domain)),
        ];
        if (missing.Length > 0)
        {
            yield return new("notSigned", $"No overall certainty is given until people have signed all of it; {string.Join(", ", missing)} "
                + $"{(missing.Length == 1 ? "is" : "are")} missing.");
        }

        if (isContradicted)
        {
            yield return new("signedNotAssessable",
                $"Publication bias is signed as none, but cannot be assessed with fewer than {CertaintyRules.MinSamples} samples; no overall certainty is "
                    + "given.");
        }

        if (computed.Synthetic > 0)
        {
            yield return new("syntheticNotGraded", "Synthetic effects are no evidence: their certainty is not given.");
        }

        var signed = record.Judgements.Cast<Signature>().Concat(record.StartsAt is { } start ? [start] : []).Select(s => s.EvidenceRevision!.Value).ToList();
        if (signed.Exists(revision => revision != computed.Data.Revision))
        {
            yield return new("signedForOtherRevision", $"Judgements were signed at evidence revision {string.Join(", ", signed.Distinct().Order())}; this is "
                + $"revision {computed.Data.Revision}. Look at the numbers again.");
        }
    }
}
