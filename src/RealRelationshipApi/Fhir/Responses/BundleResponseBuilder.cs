using Hl7.Fhir.Model;

using Microsoft.AspNetCore.WebUtilities;

using RealRelationshipApi.Fhir.Parsing;

namespace RealRelationshipApi.Fhir.Responses;

/// <summary>The response to a bundle, entry by entry. Entries have no location: keys of the sender never appear in URLs.</summary>
internal static class BundleResponseBuilder
{
    /// <param name="request">The bundle that was sent.</param>
    /// <param name="outcomes">The outcomes of its entries.</param>
    /// <param name="preferences">What an accepted entry answers with.</param>
    /// <param name="now">Time of creation.</param>
    public static FhirResult Build(Bundle request, IReadOnlyList<EntryOutcome> outcomes, FhirPreferences preferences, DateTimeOffset now) => new(new Bundle
    {
        Type = request.Type == Bundle.BundleType.Transaction ? Bundle.BundleType.TransactionResponse : Bundle.BundleType.BatchResponse,
        Entry = [.. outcomes.Select((outcome, i) => new Bundle.EntryComponent
        {
            // What is not kept, or was found by a condition, is not given back.
            Resource = preferences.IsRepresentation && outcome.Status == StatusCodes.Status201Created && outcome.Dropped.Count == 0
                ? request.Entry[i].Resource : null,
            Response = new()
            {
                Status = $"{outcome.Status} {ReasonPhrases.GetReasonPhrase(outcome.Status)}",
                Etag = outcome.Version is { } version ? FhirResult.ETag(version) : null,
                LastModified = outcome.Status == StatusCodes.Status201Created ? now : null,
                Outcome = preferences.IsMinimal && !outcome.IsRejected ? null : OperationOutcomeBuilder.Build(outcome),
            },
        })],
    });
}
