using Hl7.Fhir.Model;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Fhir;

/// <summary>What a reference points to, as a key of the source system.</summary>
/// <param name="Key">A relative reference gives its id; an absolute one itself; an identifier <c>system|value</c>, or its value alone.</param>
/// <param name="Type">The type of the resource, where the reference tells.</param>
/// <param name="Resource">The resource itself, where it came in the same bundle.</param>
internal sealed record Named(string Key, string? Type, Resource? Resource);

/// <summary>Reads identifiers and references.</summary>
internal static class Naming
{
    private const string History = "/_history/";

    /// <summary>Which system a resource is from: <c>meta.source</c> of it or of its bundle, else the host of its identifier's system.</summary>
    public static string SourceSystem(this Reading reading, Resource resource, Identifier? identifier, string identifierPlace)
    {
        if ((Source(resource.Meta?.Source) ?? Source(reading.Neighbours.Source)) is { } source)
        {
            reading.Stands("#/sourceSystem", $"{reading.At}.meta.source");
            return source;
        }

        reading.Stands("#/sourceSystem", identifier?.System is null ? $"{reading.At}.meta.source" : $"{identifierPlace}.system");
        if (identifier?.System is not { } system)
        {
            reading.Refuse($"{reading.At}.meta.source", FaultCodes.Required, "is required where no identifier.system is: which system the resource is from");
            return "";
        }

        return Uri.TryCreate(system, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri.GetLeftPart(UriPartial.Authority) : system;
    }

    /// <summary>The key of a resource itself: its identifier, else its id.</summary>
    public static string? SourceId(Resource resource, Identifier? identifier, string sourceSystem) =>
        identifier?.Value is { } value ? Key(identifier.System, value, sourceSystem) : resource.Id is { } id ? $"{resource.TypeName}/{id}" : null;

    /// <summary>An identifier as a key: what its system has in common with the source system is left out.</summary>
    public static string Key(string? system, string value, string? sourceSystem) =>
        string.IsNullOrEmpty(system) || system == sourceSystem ? value
        : sourceSystem is { Length: > 0 } && system.StartsWith(sourceSystem + "/", StringComparison.Ordinal) ? $"{system[(sourceSystem.Length + 1)..]}|{value}"
        : $"{system}|{value}";

    /// <summary>What a reference points to; null with the fault noted where it points nowhere, or to something else than it may.</summary>
    public static Named? Follow(this Reading reading, ResourceReference? reference, string place, params IReadOnlyList<string> types)
    {
        if (reference is null)
        {
            return null;
        }

        var named = reference.Reference is { Length: > 0 } text ? Literal(reading, text, place) : Logical(reading, reference, place);
        if (named is null)
        {
            return null;
        }

        named = named with { Type = named.Type ?? reference.Type };
        if (types.Count == 0 || named.Type is null || types.Contains(named.Type))
        {
            return named;
        }

        reading.Refuse(place, FhirFaults.WrongType, $"must point to a {string.Join(" or ", types)}");
        return null;
    }

    /// <summary>What <c>identifier=system|value</c> names; null where it asks for anything else.</summary>
    public static (string? System, string Value)? IdentifierSearch(string search)
    {
        var query = search.StartsWith('?') ? search[1..] : search;
        if (!query.StartsWith("identifier=", StringComparison.Ordinal) || query.Contains('&', StringComparison.Ordinal))
        {
            return null;
        }

        var token = Uri.UnescapeDataString(query["identifier=".Length..]);
        var bar = token.LastIndexOf('|');
        return bar == token.Length - 1 ? null : bar < 0 ? (null, token) : (token[..bar], token[(bar + 1)..]);
    }

    // HAPI writes the id of the request behind a hash.
    private static string? Source(string? source) => source?.Split('#')[0] is { Length: > 0 } text ? text : null;

    private static Named? Literal(Reading reading, string text, string place)
    {
        if (text.StartsWith('#'))
        {
            reading.Refuse($"{place}.reference", FhirFaults.Contained, "points to a contained resource, and none is taken");
            return null;
        }

        if (text.IndexOf('?', StringComparison.Ordinal) is var at and > 0)
        {
            if (IdentifierSearch(text[at..]) is { } searched)
            {
                return new(Key(searched.System, searched.Value, null), text[..at].Split('/')[^1], null);
            }

            reading.Refuse($"{place}.reference", FhirFaults.NotSupported, "may search by identifier=system|value only");
            return null;
        }

        var neighbour = reading.Neighbours.At(text);
        if (text.StartsWith("urn:", StringComparison.Ordinal))
        {
            return Temporary(reading, neighbour, place);
        }

        var address = text.IndexOf(History, StringComparison.Ordinal) is var end and > 0 ? text[..end] : text;
        var parts = address.Split('/');
        return parts.Length == 2 ? new(parts[1], parts[0], neighbour) : new(address, parts.Length > 2 ? parts[^2] : null, neighbour);
    }

    // The address holds in this bundle only: the key is what the resource calls itself.
    private static Named? Temporary(Reading reading, Resource? neighbour, string place)
    {
        var identifier = (neighbour as IIdentifiable<List<Identifier>>)?.Identifier.Find(i => i.Value is not null) ?? (neighbour as IIdentifiable<Identifier>)?.Identifier;
        if (neighbour is not null && (identifier?.Value ?? neighbour.Id) is { } key)
        {
            return new(identifier?.Value is null ? key : Key(identifier.System, key, null), neighbour.TypeName, neighbour);
        }

        reading.Refuse($"{place}.reference", FhirFaults.Unresolved, neighbour is null ? "points to nothing in this bundle" : "points to a resource without identifier and id");
        return null;
    }

    private static Named? Logical(Reading reading, ResourceReference reference, string place)
    {
        if (reference.Identifier is { Value: { Length: > 0 } value } identifier)
        {
            return new(Key(identifier.System, value, null), reference.Type, null);
        }

        reading.Refuse(place, FaultCodes.Required, "needs a reference, or an identifier with its value");
        return null;
    }
}
