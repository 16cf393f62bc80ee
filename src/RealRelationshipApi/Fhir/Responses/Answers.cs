using Hl7.Fhir.Model;

using Microsoft.AspNetCore.WebUtilities;

namespace RealRelationshipApi.Fhir;

/// <summary>Answers a bundle entry by entry, in its order. There is no location: a key of the sender never stands in an address.</summary>
internal static class Answers
{
    public static FhirResult Of(IReadOnlyList<EntryOutcome> outcomes, bool isTransaction, DateTimeOffset now) => new(new Bundle
    {
        Type = isTransaction ? Bundle.BundleType.TransactionResponse : Bundle.BundleType.BatchResponse,
        Entry = [.. outcomes.Select(outcome => new Bundle.EntryComponent
        {
            Response = new()
            {
                Status = $"{outcome.Status} {ReasonPhrases.GetReasonPhrase(outcome.Status)}",
                Etag = outcome.Version is { } version ? FhirResult.ETag(version) : null,
                LastModified = outcome.Status == StatusCodes.Status201Created ? now : null,
                Outcome = Outcomes.Of(outcome),
            },
        })],
    });
}
