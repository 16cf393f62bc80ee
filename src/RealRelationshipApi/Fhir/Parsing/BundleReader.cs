using Hl7.Fhir.Model;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Fhir;

/// <summary>Reads the entries of a bundle, each for itself.</summary>
internal static class BundleReader
{
    public const int MostEntries = 10_000;

    public static IReadOnlyList<Entry> Read(Bundle bundle, IReadOnlyList<FieldError> parseFaults, EntryReader reader)
    {
        var neighbours = Neighbours.In(bundle);
        var faults = parseFaults.ToLookup(f => IndexOf(f.Pointer));
        return [.. bundle.Entry.Select((entry, i) => Read(entry, i, [.. faults[i]], neighbours, reader))];
    }

    /// <summary>The entry that a fault is of; null for one of the bundle itself.</summary>
    public static int? IndexOf(string place)
    {
        const string Start = "Bundle.entry[";
        var end = place.StartsWith(Start, StringComparison.Ordinal) ? place.IndexOf(']', StringComparison.Ordinal) : -1;
        return end > 0 && int.TryParse(place.AsSpan(Start.Length, end - Start.Length), out var index) ? index : null;
    }

    private static Entry Read(Bundle.EntryComponent entry, int index, IReadOnlyList<FieldError> parseFaults, Neighbours neighbours, EntryReader reader)
    {
        var at = $"Bundle.entry[{index}]";
        if (parseFaults.Count > 0)
        {
            return Entry.Refused(at, parseFaults, StatusCodes.Status400BadRequest);
        }

        FieldError[] faults = [.. Faults(entry, at)];
        return faults.Length > 0 ? Entry.Refused(at, faults)
            : reader.Read(entry.Resource!, $"{at}.resource", neighbours, entry.Request!.IfNoneExist, $"{at}.request.ifNoneExist");
    }

    private static IEnumerable<FieldError> Faults(Bundle.EntryComponent entry, string at)
    {
        if (entry.Request is not { } request)
        {
            yield return new($"{at}.request", FaultCodes.Required, "is required: method POST, and as url the type of the resource");
        }
        else if (request.Method != Bundle.HTTPVerb.POST)
        {
            yield return new($"{at}.request.method", FhirFaults.NotSupported, "must be POST: a new version is posted like the first one, with a higher meta.versionId");
        }
        else if (entry.Resource is { } resource && request.Url?.Trim('/') != resource.TypeName)
        {
            yield return new($"{at}.request.url", FhirFaults.WrongType, $"must be {resource.TypeName}");
        }

        if (entry.Resource is null)
        {
            yield return new($"{at}.resource", FaultCodes.Required, "is required");
        }
    }
}
