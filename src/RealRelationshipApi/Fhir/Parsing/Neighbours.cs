using Hl7.Fhir.Model;

namespace RealRelationshipApi.Fhir;

/// <summary>The resources that came in the same bundle: what a reference may point to, and where the bundle is from.</summary>
internal sealed class Neighbours
{
    private readonly Dictionary<string, Resource> _byAddress = new(StringComparer.Ordinal);
    private readonly List<Questionnaire> _forms = [];

    private Neighbours(string? source) => Source = source;

    public static Neighbours None { get; } = new(null);

    /// <summary><c>meta.source</c> of the bundle.</summary>
    public string? Source { get; }

    public static Neighbours In(Bundle bundle)
    {
        var neighbours = new Neighbours(bundle.Meta?.Source);
        foreach (var entry in bundle.Entry)
        {
            if (entry.Resource is { } resource)
            {
                neighbours.Add(entry.FullUrl, resource);
            }
        }

        return neighbours;
    }

    private void Add(string? fullUrl, Resource resource)
    {
        if (fullUrl is not null)
        {
            _byAddress[fullUrl] = resource;
        }

        if (resource.Id is { } id)
        {
            _byAddress[$"{resource.TypeName}/{id}"] = resource;
        }

        if (resource is Questionnaire form)
        {
            _forms.Add(form);
        }
    }

    public Resource? At(string address) => _byAddress.GetValueOrDefault(address);

    /// <summary>The form of that canonical address, by its url or by an identifier.</summary>
    public Questionnaire? FormAt(string canonical)
    {
        var url = canonical.Split('|')[0];
        return _forms.Find(f => f.Url == url || f.Identifier.Exists(i => $"{i.System}|{i.Value}" == canonical)) ?? At(url) as Questionnaire;
    }
}
