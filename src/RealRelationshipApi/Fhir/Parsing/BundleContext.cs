using Hl7.Fhir.Model;
using Hl7.Fhir.Validation;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>The resources of the bundle, to resolve references, and its source system.</summary>
internal sealed class BundleContext
{
    private readonly Dictionary<string, Resource> _byAddress = new(StringComparer.Ordinal);
    private readonly Dictionary<Resource, string> _addresses = new(ReferenceEqualityComparer.Instance);
    private readonly List<Questionnaire> _questionnaires = [];

    private BundleContext(string? source) => Source = source;

    public static BundleContext Empty { get; } = new(null);

    /// <summary><c>meta.source</c> of the bundle.</summary>
    public string? Source { get; }

    /// <param name="bundle">The bundle.</param>
    /// <param name="isBroken">Whether an entry, by its index, is not as R4 has it: it resolves nothing, as its members may be missing or null.</param>
    public static BundleContext FromBundle(Bundle bundle, Func<int, bool> isBroken)
    {
        var context = new BundleContext(bundle.Meta?.Source);
        foreach (var (_, entry) in bundle.Entry.Index().Where(e => !isBroken(e.Index)))
        {
            context.AddReadable(entry);
        }

        return context;
    }

    // An entry whose address or resource is of the wrong kind is rejected by itself, and resolves nothing.
    private void AddReadable(Bundle.EntryComponent entry)
    {
        try
        {
            if (entry.Resource is { } resource)
            {
                Add(entry.FullUrl, resource);
            }
        }
        catch (CodedValidationException)
        {
        }
    }

    private void Add(string? fullUrl, Resource resource)
    {
        if (fullUrl is not null)
        {
            _byAddress[fullUrl] = resource;
            _addresses[resource] = fullUrl;
        }

        if (resource.Id is { } id)
        {
            _byAddress[$"{resource.TypeName}/{id}"] = resource;
        }

        if (resource is Questionnaire questionnaire)
        {
            _questionnaires.Add(questionnaire);
        }
    }

    public Resource? Find(string address) => _byAddress.GetValueOrDefault(address);

    /// <summary>The absolute URL of a resource on its server; null if the bundle gives none.</summary>
    public string? AddressOf(Resource resource) =>
        _addresses.GetValueOrDefault(resource) is { } address && Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? address : null;

    /// <summary>Finds the Questionnaire with that canonical URL, or with an identifier equal to it.</summary>
    public Questionnaire? FindQuestionnaire(string canonical)
    {
        var url = canonical.Split('|')[0];
        return _questionnaires.Find(f => f.Url == url || f.Identifier.Exists(i => $"{i.System}|{i.Value}" == canonical)) ?? Find(url) as Questionnaire;
    }
}
