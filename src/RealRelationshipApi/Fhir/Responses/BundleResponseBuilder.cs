using Hl7.Fhir.Model;

using Microsoft.AspNetCore.WebUtilities;

using RealRelationshipApi.Fhir.Parsing;

namespace RealRelationshipApi.Fhir.Responses;

/// <summary>The response to a bundle, entry by entry. Entries have no location: keys of the sender never appear in URLs.</summary>
internal static class BundleResponseBuilder
{
    public static FhirResult Build(IReadOnlyList<EntryOutcome> outcomes, bool isTransaction, DateTimeOffset now) => new(new Bundle
    {
        Type = isTransaction ? Bundle.BundleType.TransactionResponse : Bundle.BundleType.BatchResponse,
        Entry = [.. outcomes.Select(outcome => new Bundle.EntryComponent
        {
            Response = new()
            {
                Status = $"{outcome.Status} {ReasonPhrases.GetReasonPhrase(outcome.Status)}",
                Etag = outcome.Version is { } version ? FhirResult.ETag(version) : null,
                LastModified = outcome.Status == StatusCodes.Status201Created ? now : null,
                Outcome = OperationOutcomeBuilder.Build(outcome),
            },
        })],
    });
}
