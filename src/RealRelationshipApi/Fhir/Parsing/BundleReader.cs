using Hl7.Fhir.Model;
using Hl7.Fhir.Validation;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Reads the entries of a bundle independently of each other.</summary>
internal static class BundleReader
{
    public const int MaxEntries = 10_000;

    public static IReadOnlyList<PreparedEntry> Read(Bundle bundle, IReadOnlyList<FieldError> parseErrors, EntryReader reader)
    {
        var errors = parseErrors.ToLookup(f => EntryIndexOf(f.Pointer));
        var bundleContext = BundleContext.FromBundle(bundle, i => errors.Contains(i));
        // Results of a search and collections have no requests: their entries are created.
        var hasRequests = bundle.Type is Bundle.BundleType.Transaction or Bundle.BundleType.Batch;
        return [.. bundle.Entry.Select((entry, i) => Read(entry, i, hasRequests, [.. errors[i]], bundleContext, reader))];
    }

    /// <summary>Index of the entry that an error belongs to; null for an error of the bundle itself.</summary>
    public static int? EntryIndexOf(string place)
    {
        const string Start = "Bundle.entry[";
        var end = place.StartsWith(Start, StringComparison.Ordinal) ? place.IndexOf(']', StringComparison.Ordinal) : -1;
        return end > 0 && int.TryParse(place.AsSpan(Start.Length, end - Start.Length), out var index) ? index : null;
    }

    private static PreparedEntry Read(Bundle.EntryComponent entry, int index, bool hasRequest, IReadOnlyList<FieldError> parseErrors,
        BundleContext bundleContext, EntryReader reader)
    {
        var at = $"Bundle.entry[{index}]";
        if (parseErrors.Count > 0)
        {
            return PreparedEntry.Rejected(at, parseErrors, StatusCodes.Status400BadRequest);
        }

        if (entry.Resource is null && entry.Request?.Url?.Split('/', '?')[0] is { Length: > 0 } type && !EntryReader.IsStored(type))
        {
            // A deletion or a search of a resource that is not stored.
            return new(at, []) { IsIgnored = true };
        }

        FieldError[] errors = [.. Validate(entry, at, hasRequest)];
        try
        {
            return errors.Length > 0 ? PreparedEntry.Rejected(at, errors)
                : reader.Read(entry.Resource!, $"{at}.resource", bundleContext, hasRequest ? entry.Request!.IfNoneExist : null, $"{at}.request.ifNoneExist");
        }
        catch (CodedValidationException)
        {
            // It is sound, but refers to a resource of the bundle of which an element is of the wrong kind.
            return PreparedEntry.Rejected(at, [new($"{at}.resource", FhirErrorCodes.InvalidResource, "refers to a resource that is not as R4 has it")],
                StatusCodes.Status400BadRequest);
        }
    }

    private static IEnumerable<FieldError> Validate(Bundle.EntryComponent entry, string at, bool hasRequest)
    {
        if (!hasRequest)
        {
            // Nothing to check but the resource.
        }
        else if (entry.Request is not { } request)
        {
            yield return new($"{at}.request", ErrorCodes.Required, "is required: method POST, and as url the type of the resource");
        }
        else if (entry.Resource is { } other && !EntryReader.IsStored(other.TypeName))
        {
            // What is only read or passed over may come by any method.
        }
        else if (request.Method != Bundle.HTTPVerb.POST)
        {
            yield return new($"{at}.request.method", FhirErrorCodes.NotSupported,
                "must be POST: a new version is posted like the first one, with a higher meta.versionId, and a withdrawal with status entered-in-error");
        }
        else if (entry.Resource is { } resource && request.Url?.Trim('/') != resource.TypeName)
        {
            yield return new($"{at}.request.url", FhirErrorCodes.WrongType, $"must be {resource.TypeName}");
        }

        if (entry.Resource is null && (!hasRequest || entry.Request?.Method == Bundle.HTTPVerb.POST))
        {
            yield return new($"{at}.resource", ErrorCodes.Required, "is required");
        }
    }
}
