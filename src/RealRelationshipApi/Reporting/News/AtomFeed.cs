using System.Security.Cryptography;
using System.Text;
using System.Xml;

using Microsoft.AspNetCore.Http.Extensions;

using RealRelationship.Storage;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Reporting.News;

/// <summary>Writes news as Atom 1.0 (RFC 4287).</summary>
/// <remarks>Ids are made of the question and of instants of the evidence, not of the address of the service, so that they outlive a move of it. An entry never
/// changes after its revision was recorded.</remarks>
internal sealed class AtomFeed
{
    private const string Namespace = "http://www.w3.org/2005/Atom";

    // The software, since the content is the responsibility of its operator.
    private const string DefaultAuthor = "RealRelationshipApi";

    private static readonly string[] s_pageParameters = ["limit", "cursor", "asOf", "minRevision"];

    private readonly HttpRequest _request;
    private readonly NewsPage _page;
    private readonly About _about;
    private readonly string _base;
    private readonly string _question;

    /// <param name="context">The request.</param>
    /// <param name="page">The news.</param>
    /// <param name="about">What the service says of its evidence.</param>
    public AtomFeed(HttpContext context, NewsPage page, About about)
    {
        (_request, _page, _about) = (context.Request, page, about);
        _base = PublicAddress.PrefixFor(_request);
        _question = new QueryBuilder(_request.Query.Where(p => !s_pageParameters.Contains(p.Key)).OrderBy(p => p.Key, StringComparer.Ordinal)).ToString();
    }

    /// <param name="next">Cursor of the next page; null on the last one.</param>
    public string Write(string? next)
    {
        using var text = new Utf8Writer();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n" }))
        {
            xml.WriteStartElement("feed", Namespace);
            xml.WriteAttributeString("xml", "lang", null, "en");
            WriteElement(xml, "id", IdOf("feed", Instant(_page.Start)));
            WriteElement(xml, "title", _about.Title);
            WriteElement(xml, "updated", Instant(_page.Items.Count > 0 ? _page.Items[0].RecordedAt : _page.Start));
            foreach (var author in _about.Curators.DefaultIfEmpty(DefaultAuthor))
            {
                xml.WriteStartElement("author", Namespace);
                WriteElement(xml, "name", author);
                xml.WriteEndElement();
            }

            if (_about.Licence is { } licence)
            {
                WriteElement(xml, "rights", licence);
            }

            WriteLink(xml, "self", $"{_base}{_request.Path}{_request.QueryString}", MediaTypes.Atom);
            WriteLink(xml, "alternate", $"{_base}/{_question}", MediaTypes.Html);
            if (_about.Doi is { } doi)
            {
                WriteLink(xml, "related", $"https://doi.org/{doi}", MediaTypes.Html);
            }

            if (next is not null)
            {
                WriteLink(xml, "next", _base + With($"{_request.Path}", _request.Query, PageRequest.CursorParameter.Name, next), MediaTypes.Atom);
            }

            foreach (var item in _page.Items)
            {
                WriteEntry(xml, item);
            }

            xml.WriteEndElement();
        }

        return text.ToString() + "\n";
    }

    private void WriteEntry(XmlWriter xml, NewsItem item)
    {
        xml.WriteStartElement("entry", Namespace);
        WriteElement(xml, "id", IdOf($"{item.Revision}", Instant(item.RecordedAt)));
        WriteElement(xml, "title", $"Revision {item.Revision}: {NewsSentence.Estimate(item.After)}");
        WriteElement(xml, "updated", Instant(item.RecordedAt));
        WriteElement(xml, "published", Instant(item.RecordedAt));
        WriteLink(xml, "alternate", $"{_base}/{(_question.Length == 0 ? "?" : _question + "&")}asOf={item.Revision}", MediaTypes.Html);
        WriteElement(xml, "summary", NewsSentence.Of(item));
        xml.WriteEndElement();
    }

    // A UUID of version 8 (RFC 9562, 5.8) from the SHA-256 of its parts.
    private string IdOf(params ReadOnlySpan<string> parts)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [_question, .. parts]))).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return $"urn:uuid:{new Guid(bytes, bigEndian: true)}";
    }

    private static string Instant(DateTimeOffset? instant) => UtcTimestamp.ToText(instant ?? DateTimeOffset.UnixEpoch);

    private static void WriteLink(XmlWriter xml, string relation, string address, string type)
    {
        xml.WriteStartElement("link", Namespace);
        xml.WriteAttributeString("rel", relation);
        xml.WriteAttributeString("type", type);
        xml.WriteAttributeString("href", address);
        xml.WriteEndElement();
    }

    private static string With(string path, IQueryCollection query, string name, string value) =>
        path + new QueryBuilder(query.Where(p => p.Key != name).Append(new(name, value))).ToQueryString();

    private static void WriteElement(XmlWriter xml, string name, string text) =>
        xml.WriteElementString(name, Namespace, string.Concat(text.Where(XmlConvert.IsXmlChar)));

    private sealed class Utf8Writer : StringWriter
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
