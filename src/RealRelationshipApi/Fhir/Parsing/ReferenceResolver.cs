using Hl7.Fhir.Model;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>The target of a reference, as a key of the source system.</summary>
/// <param name="Key">The id of a relative reference; an absolute URL; or an identifier as <c>system|value</c> or value alone.</param>
/// <param name="Type">The resource type; null if the reference has none.</param>
/// <param name="Resource">The resource; null if it is not in the same bundle.</param>
internal sealed record ResolvedReference(string Key, string? Type, Resource? Resource);

/// <summary>Reads identifiers and references.</summary>
internal static class ReferenceResolver
{
    private const string HistorySegment = "/_history/";

    /// <summary>Source system: <c>meta.source</c> of the resource or its bundle, otherwise the host of the identifier's system.</summary>
    public static string SourceSystem(this ResourceReading reading, Resource resource, Identifier? identifier, string identifierPlace)
    {
        if ((MetaSource(resource.Meta?.Source) ?? MetaSource(reading.BundleContext.Source)) is { } source)
        {
            reading.MapPointer("#/sourceSystem", $"{reading.FhirPath}.meta.source");
            return source;
        }

        if (reading.Intake.Sender.SourceSystem is { } bound)
        {
            reading.MapPointer("#/sourceSystem", $"{reading.FhirPath}.meta.source");
            return bound;
        }

        reading.MapPointer("#/sourceSystem", identifier?.System is null ? $"{reading.FhirPath}.meta.source" : $"{identifierPlace}.system");
        if (identifier?.System is not { } system)
        {
            reading.AddError($"{reading.FhirPath}.meta.source", ErrorCodes.Required,
                "is required where no identifier.system is: which system the resource is from");
            return "";
        }

        reading.IsSourceDerived = true;
        return SourceSystemOf(system);
    }

    /// <summary>The identifier that a resource is known by, whatever their order: one of a source system that the site declared, otherwise of the source system
    /// of the resource, otherwise the first by system and value, those without a system last.</summary>
    public static Identifier? ChooseIdentifier(this ResourceReading reading, Resource resource, IEnumerable<Identifier> identifiers)
    {
        var source = MetaSource(resource.Meta?.Source) ?? MetaSource(reading.BundleContext.Source) ?? reading.Intake.Sender.SourceSystem;
        return identifiers.Where(i => i.Value is not null).OrderByDescending(i => i.System is not null && IsDeclared(i.System))
            .ThenByDescending(i => source is not null && (i.System == source || i.System?.StartsWith(source + "/", StringComparison.Ordinal) == true))
            .ThenBy(i => i.System is null).ThenBy(i => i.System, StringComparer.Ordinal).ThenBy(i => i.Value, StringComparer.Ordinal).FirstOrDefault();

        bool IsDeclared(string system) => reading.Intake.Sources.Find(system) is not null || reading.Intake.Sources.Find(SourceSystemOf(system)) is not null;
    }

    /// <summary>The keys that a resource may have been stored by: those of its other identifiers, and its id.</summary>
    public static IEnumerable<SourceKey> OtherKeysOf(this ResourceReading reading, Resource resource, IEnumerable<Identifier> identifiers, Identifier? chosen)
    {
        var source = MetaSource(resource.Meta?.Source) ?? MetaSource(reading.BundleContext.Source) ?? reading.Intake.Sender.SourceSystem;
        foreach (var other in identifiers.Where(i => i.Value is not null && i != chosen))
        {
            if ((source ?? (other.System is { } system ? SourceSystemOf(system) : null)) is { } own)
            {
                yield return new(own, ToKey(other.System, other.Value!, own));
            }
        }

        if (chosen is not null && resource.Id is { } id && (source ?? (chosen.System is { } ofChosen ? SourceSystemOf(ofChosen) : null)) is { } ofId)
        {
            yield return new(ofId, $"{resource.TypeName}/{id}", IsId: true);
        }
    }

    private static string SourceSystemOf(string system) =>
        Uri.TryCreate(system, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri.GetLeftPart(UriPartial.Authority) : system;

    /// <summary>Key of a resource: its identifier, otherwise its id.</summary>
    public static string? SourceId(Resource resource, Identifier? identifier, string sourceSystem) =>
        identifier?.Value is { } value ? ToKey(identifier.System, value, sourceSystem) : resource.Id is { } id ? $"{resource.TypeName}/{id}" : null;

    /// <summary>Converts an identifier to a key, without the part of its system that repeats the source system.</summary>
    public static string ToKey(string? system, string value, string? sourceSystem) =>
        string.IsNullOrEmpty(system) || system == sourceSystem ? value
        : sourceSystem is { Length: > 0 } && system.StartsWith(sourceSystem + "/", StringComparison.Ordinal) ? $"{system[(sourceSystem.Length + 1)..]}|{value}"
        : $"{system}|{value}";

    /// <summary>Resolves a reference, or adds an error and returns null if it is dangling or has the wrong type.</summary>
    public static ResolvedReference? Resolve(this ResourceReading reading, ResourceReference? reference, string place, params IReadOnlyList<string> types)
    {
        if (reference is null)
        {
            return null;
        }

        if (reading.IsLenient && reference is { Reference: null, Identifier: null, Display: not null })
        {
            // Its name was dropped, and nothing is left.
            return null;
        }

        var resolved = reference.Reference is { Length: > 0 } text ? ResolveLiteral(reading, text, place) : ResolveLogical(reading, reference, place);
        if (resolved is null)
        {
            return null;
        }

        resolved = resolved with { Type = resolved.Type ?? reference.Type };
        if (types.Count == 0 || resolved.Type is null || types.Contains(resolved.Type))
        {
            return resolved;
        }

        reading.AddError(place, FhirErrorCodes.WrongType, $"must point to a {string.Join(" or ", types)}");
        return null;
    }

    /// <summary>Resource type of a reference; null if unknown.</summary>
    public static string? ResolveType(this ResourceReading reading, ResourceReference reference)
    {
        var silent = new ResourceReading(reading.FhirPath, reading.BundleContext, reading.Intake, reading.ReceivedAt) { IsLenient = reading.IsLenient };
        return silent.Resolve(reference, reading.FhirPath)?.Type;
    }

    /// <summary>Parses the search <c>identifier=system|value</c>; null for any other search.</summary>
    /// <param name="search">The query, alone or after the URL of the type: <c>http://host/fhir/Observation?identifier=…</c> (HAPI).</param>
    /// <param name="type">Required resource type of that URL; null for any.</param>
    public static (string? System, string Value)? ParseIdentifierSearch(string search, string? type = null)
    {
        var (address, query) = search.IndexOf('?', StringComparison.Ordinal) is var at and >= 0 && !search[..at].Contains('=', StringComparison.Ordinal)
            ? (search[..at], search[(at + 1)..]) : ("", search);
        if (type is not null && address.Length > 0 && address.Split('/')[^1] != type)
        {
            return null;
        }

        if (!query.StartsWith("identifier=", StringComparison.Ordinal) || query.Contains('&', StringComparison.Ordinal))
        {
            return null;
        }

        var token = Uri.UnescapeDataString(query["identifier=".Length..]);
        var bar = token.LastIndexOf('|');
        return bar == token.Length - 1 ? null : bar < 0 ? (null, token) : (token[..bar], token[(bar + 1)..]);
    }

    // HAPI appends #requestId.
    private static string? MetaSource(string? source) => source?.Split('#')[0] is { Length: > 0 } text ? text : null;

    private static ResolvedReference? ResolveLiteral(ResourceReading reading, string text, string place)
    {
        if (text.StartsWith('#'))
        {
            reading.AddError($"{place}.reference", FhirErrorCodes.Contained, "points to a contained resource, and none is taken");
            return null;
        }

        if (text.IndexOf('?', StringComparison.Ordinal) is var at and > 0)
        {
            if (ParseIdentifierSearch(text[at..]) is { } searched)
            {
                return new(ToKey(searched.System, searched.Value, null), text[..at].Split('/')[^1], null);
            }

            reading.AddError($"{place}.reference", FhirErrorCodes.NotSupported, "may search by identifier=system|value only");
            return null;
        }

        var target = reading.BundleContext.Find(text);
        if (text.StartsWith("urn:", StringComparison.Ordinal))
        {
            return ResolveUrn(reading, target, place);
        }

        var address = text.IndexOf(HistorySegment, StringComparison.Ordinal) is var end and > 0 ? text[..end] : text;
        var parts = address.Split('/');
        return parts.Length == 2 ? new(parts[1], parts[0], target) : new(address, parts.Length > 2 ? parts[^2] : null, target);
    }

    // A fullUrl is unique only within its bundle, so the key is the resource's own identifier.
    private static ResolvedReference? ResolveUrn(ResourceReading reading, Resource? target, string place)
    {
        var identifier = target is IIdentifiable<List<Identifier>> { Identifier: { } all } ? reading.ChooseIdentifier(target, all)
            : (target as IIdentifiable<Identifier>)?.Identifier;
        if (target is not null && (identifier?.Value ?? target.Id) is { } key)
        {
            return new(identifier?.Value is null ? key : ToKey(identifier.System, key, null), target.TypeName, target);
        }

        reading.AddError($"{place}.reference", FhirErrorCodes.Unresolved,
            target is null ? "points to nothing in this bundle" : "points to a resource without identifier and id");
        return null;
    }

    private static ResolvedReference? ResolveLogical(ResourceReading reading, ResourceReference reference, string place)
    {
        if (reference.Identifier is { Value: { Length: > 0 } value } identifier)
        {
            return new(ToKey(identifier.System, value, null), reference.Type, null);
        }

        reading.AddError(place, ErrorCodes.Required, "needs a reference, or an identifier with its value");
        return null;
    }
}
