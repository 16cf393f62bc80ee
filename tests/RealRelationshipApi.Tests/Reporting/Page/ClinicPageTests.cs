using System.Text.Json.Nodes;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

using RealRelationship.Testing;

using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions;
using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Reporting.Page;

/// <summary>A service in Production with the invented clinic, keys for it, and a Chromium.</summary>
public sealed class ClinicFixture : IAsyncLifetime
{
    public const string Clinic = "invented-clinic";

    private readonly ProductionService _guarded = new();

    public Service Service => _guarded.Service;

    internal BrowserWithAxe? Tools { get; private set; }

    public string ReadKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await _guarded.InitializeAsync();
        await Service.Services.GetRequiredService<DemoSessions>().LoadAsync(Clinic, CancellationToken.None);
        ReadKey = await CreateKeyAsync(Clinic, Scopes.SessionsRead);
        var submitter = await CreateKeyAsync("research", Scopes.StudiesWrite);
        foreach (var study in TestData.SessionOutcomeStudies())
        {
            (await Service.Post("/studies", study, ("X-API-Key", submitter))).ShouldBe(201);
        }

        Tools = await BrowserWithAxe.LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Tools is not null)
        {
            await Tools.DisposeAsync();
        }

        await _guarded.DisposeAsync();
    }

    public Task<string> CreateKeyAsync(string site, params string[] scopes) => ProductionService.CreateKeyAsync(Service, site, scopes);
}

/// <summary>The page of a clinic as its quality manager meets it, in a real Chromium.</summary>
public sealed class ClinicPageTests(ClinicFixture clinic) : IClassFixture<ClinicFixture>, IAsyncLifetime
{
    private const string Overlaps = """
        () => [...document.querySelectorAll(".chart svg")].flatMap(svg => {
          const box = svg.getBoundingClientRect();
          const texts = [...svg.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
          const leaves = b => b.left < box.left - 1 || b.right > box.right + 1 || b.top < box.top - 2 || b.bottom > box.bottom + 2;
          const found = texts.filter(([, b]) => leaves(b)).map(([t]) => `${t} leaves`);
          texts.forEach(([t, a], i) => texts.slice(i + 1).forEach(([u, b]) => {
            if (a.left < b.right && b.left < a.right && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3) found.push(`${t} / ${u}`);
          }));
          return found;
        })
        """;

    private readonly List<string> _consoleErrors = [];
    private readonly List<string> _addresses = [];
    private IPage _page = null!;

    private string Address => clinic.Service.Client.BaseAddress!.ToString();

    public async ValueTask InitializeAsync()
    {
        ExternalPrograms.SkipUnlessInstalled("Chromium with npm", clinic.Tools is not null);
        var context = await clinic.Tools!.Browser.NewContextAsync(new() { BaseURL = Address });
        context.SetDefaultTimeout(15_000);
        _page = await context.NewPageAsync();
        _page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _consoleErrors.Add(message.Text);
            }
        };
        _page.PageError += (_, error) => _consoleErrors.Add(error);
        _page.Request += (_, request) => _addresses.Add(request.Url);
    }

    public async ValueTask DisposeAsync()
    {
        if (_page is not null)
        {
            await _page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task The_key_shows_the_numbers_of_the_clinic_and_is_stored_nowhere()
    {
        await OpenAsync(clinic.ReadKey);
        var associations = (await clinic.Service.Get("/associations", ("X-API-Key", clinic.ReadKey))).ShouldBe(200).At("associations")!.AsArray();
        var between = associations.SingleAssociation("betweenClient", "observedMeans");
        var card = _page.Locator(".card").First;
        Assert.Contains($"r = {Apa(between, "r")} [{Apa(between, "lower")}, {Apa(between, "upper")}], 60 patients of 6 therapists, 600 sessions.",
            await card.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains($"r between {Apa(between, "standingPredictionLower")} and {Apa(between, "standingPredictionUpper")} is expected",
            await card.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await card.Locator("rect.expected").CountAsync());
        Assert.Equal(associations.Count, await _page.Locator(".card").CountAsync());
        // Three series of six therapists and of ten sessions, and their means.
        Assert.Equal(18, await SectionOf("therapists").Locator("circle.point").CountAsync());
        Assert.Equal(30, await SectionOf("trends").Locator("circle.point").CountAsync());
        Assert.Contains("600 of 600 sessions (100 %)", await SectionOf("completeness").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("Nothing was refused", await SectionOf("refusals").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await _page.Locator("#scopes").CountAsync());

        Assert.Equal("[0,0,\"\",\"\"]", await _page.EvaluateAsync<string>(
            "() => JSON.stringify([localStorage.length, sessionStorage.length, document.cookie, document.getElementById('key').value])"));
        Assert.Equal("[]", await _page.EvaluateAsync<string>("async () => JSON.stringify([...await indexedDB.databases(), ...await caches.keys()])"));
        Assert.DoesNotContain(clinic.ReadKey, await _page.ContentAsync(), StringComparison.Ordinal);
        Assert.All(_addresses, address => Assert.StartsWith(Address, address, StringComparison.Ordinal));
        Assert.DoesNotContain(_addresses, address => address.Contains("rr_", StringComparison.Ordinal));
        Assert.Equal($"{Address}clinic", _page.Url);
        Assert.Empty(_consoleErrors);
    }

    [Fact]
    public async Task A_key_with_further_scopes_is_warned_of()
    {
        await OpenAsync(await clinic.CreateKeyAsync(ClinicFixture.Clinic, Scopes.Admin));
        Assert.Contains("can do more than this page needs: admin", await _page.Locator("#scopes").InnerTextAsync(), StringComparison.Ordinal);
    }

    [SlowFact("It starts a browser and walks through the page.")]
    public async Task Missing_wrong_and_insufficient_keys_are_explained_and_the_next_key_works()
    {
        await _page.GotoAsync("/clinic");
        await Refused("", "The service needs a key");
        await Refused("rr_0000000000000000_nothing", "This key is not valid");
        await Refused(await clinic.CreateKeyAsync(ClinicFixture.Clinic, Scopes.SessionsWrite), "lacks scope sessions:read");
        await EnterAsync(clinic.ReadKey);
        await ShownAsync();
        Assert.True(await _page.Locator("#key-form").IsHiddenAsync());

        async Task Refused(string key, string message)
        {
            await EnterAsync(key);
            await _page.Locator("#status", new() { HasText = message }).WaitForAsync();
            Assert.True(await _page.Locator("#report").IsHiddenAsync());
            Assert.Equal("key", await _page.EvaluateAsync<string>("() => document.activeElement.id"));
        }
    }

    [Fact]
    public async Task A_section_that_cannot_be_read_says_so_and_leaves_the_others()
    {
        await _page.RouteAsync("**/sessions/trends", route => route.FulfillAsync(new() { Status = 503, Headers = [new("Retry-After", "7")] }));
        await OpenAsync(clinic.ReadKey);
        Assert.Equal("The service cannot answer now. Try again in 7 s.", await SectionOf("trends").GetByRole(AriaRole.Alert).InnerTextAsync());
        Assert.Equal(18, await SectionOf("therapists").Locator("circle.point").CountAsync());
    }

    [Fact]
    public async Task A_negative_association_below_others_is_worded_and_marked_so()
    {
        var answer = (await clinic.Service.Get("/associations", ("X-API-Key", clinic.ReadKey))).ShouldBe(200).Json;
        var between = answer["associations"]!.AsArray().SingleAssociation("betweenClient", "observedMeans");
        foreach (var (member, value) in new (string, JsonNode)[] { ("r", -0.5), ("lower", -0.7), ("upper", -0.2), ("standing", "below") })
        {
            between[member] = value;
        }

        await _page.RouteAsync("**/associations", route => route.FulfillAsync(new() { ContentType = "application/json", Body = answer.ToJsonString() }));
        await OpenAsync(clinic.ReadKey);
        var card = _page.Locator(".card").First;
        Assert.Contains("clients with a stronger relationship have a worse session outcome than other clients of the same therapist: r = −.50 [−.70, −.20]",
            await card.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("Below what is expected of other clinics.", await card.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await card.Locator("g.outside circle.point").CountAsync());
        Assert.Equal(1, await _page.Locator(".card g.outside").CountAsync());
    }

    [Fact]
    public async Task The_key_is_dropped_after_15_idle_minutes()
    {
        await _page.Clock.InstallAsync();
        await OpenAsync(clinic.ReadKey);
        await _page.Clock.FastForwardAsync("14:00");
        await _page.Keyboard.PressAsync("Shift");
        await _page.Clock.FastForwardAsync("14:50");
        Assert.True(await _page.Locator("#report").IsVisibleAsync());
        await _page.Clock.FastForwardAsync("00:20");
        Assert.Contains("dropped after 15 idle minutes", await _page.Locator("#status").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await _page.Locator("#report > *").CountAsync());
        await EnterAsync("");
        await _page.Locator("#status", new() { HasText = "The service needs a key" }).WaitForAsync();
    }

    [SlowFact("It starts a browser and walks through the page.")]
    public async Task Closing_or_leaving_the_page_drops_the_key()
    {
        await OpenAsync(clinic.ReadKey);
        await _page.GetByRole(AriaRole.Button, new() { Name = "Close and drop the key" }).ClickAsync();
        Assert.Equal("Closed: the key was dropped.", await _page.Locator("#status").InnerTextAsync());
        Assert.Equal(0, await _page.Locator("#report > *").CountAsync());
        await EnterAsync(clinic.ReadKey);
        await ShownAsync();
        // What a browser says that keeps the page to come back to it.
        await _page.EvaluateAsync("() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
        Assert.Equal(0, await _page.Locator("#report > *").CountAsync());
        await EnterAsync("");
        await _page.Locator("#status", new() { HasText = "The service needs a key" }).WaitForAsync();
        await EnterAsync(clinic.ReadKey);
        await ShownAsync();
        await _page.GotoAsync("/problems/forbidden");
        await _page.GoBackAsync();
        Assert.True(await _page.Locator("#key-form").IsVisibleAsync());
        Assert.Equal(0, await _page.Locator("#report > *").CountAsync());
    }

    [SlowFact("It starts a browser and walks through the page.")]
    public async Task Too_few_patients_or_none_are_explained()
    {
        await OpenAsync(await clinic.CreateKeyAsync("empty-clinic", Scopes.SessionsRead));
        Assert.Contains("Nothing is stored of your site yet", await SectionOf("associations").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("No sessions are stored yet", await SectionOf("completeness").InnerTextAsync(), StringComparison.Ordinal);
        var key = await clinic.CreateKeyAsync("small-clinic", Scopes.SessionsRead, Scopes.SessionsWrite);
        JsonObject[] sessions = [.. Enumerable.Range(1, 4).SelectMany(p => Enumerable.Range(1, 2).Select(n =>
            SessionTestData.RelationshipAndOutcome($"p{p}", "t1", n, SessionTestData.Level(p + n), 20 + p + n))),
            SessionTestData.Session("p9", 1, SessionTestData.Measure("bad", "phq-9", 28))];
        (await clinic.Service.Post("/sessions", new JsonArray([.. sessions.Select(s => s.DeepClone())]), ("X-API-Key", key))).ShouldBe(207);
        await _page.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await EnterAsync(key);
        await ShownAsync();
        Assert.Contains("Not released to others: too few patients.", await SectionOf("associations").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("a comparison needs two therapists with at least 5 patients each", await SectionOf("therapists").InnerTextAsync(),
            StringComparison.Ordinal);
        Assert.Contains("no session number has scores of 5 treatments", await SectionOf("trends").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("1 measure was refused", await SectionOf("refusals").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("score or number out of its range: 1", await SectionOf("refusals").Locator("text.label").TextContentAsync());
        Assert.Empty(_consoleErrors);
    }

    [SlowTheory("It starts a browser and walks through the page.")]
    [InlineData(1100, ColorScheme.Light)]
    [InlineData(375, ColorScheme.Dark)]
    public async Task Axe_finds_nothing_serious_and_nothing_overlaps(int width, ColorScheme scheme)
    {
        await _page.SetViewportSizeAsync(width, 800);
        await _page.EmulateMediaAsync(new() { ColorScheme = scheme });
        await _page.GotoAsync("/clinic");
        Assert.Empty(await clinic.Tools!.FindViolationsAsync(_page));
        await EnterAsync(await clinic.CreateKeyAsync(ClinicFixture.Clinic, Scopes.Admin));
        await ShownAsync();
        Assert.Empty(await clinic.Tools.FindViolationsAsync(_page));
        await _page.WaitForFunctionAsync("() => [...document.querySelectorAll('.card .chart')].every(c => c.firstElementChild)");
        Assert.Equal(width, await _page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        Assert.Empty(await _page.EvaluateAsync<string[]>(Overlaps));
        var smallest = await _page.EvaluateAsync<double>(
            "() => Math.min(...[...document.querySelectorAll('.chart svg')].map(s => 13 * s.getBoundingClientRect().width / s.viewBox.baseVal.width))");
        Assert.True(smallest >= 12, $"a text of a chart is {smallest} px high");
    }

    [Fact]
    public async Task The_keyboard_enters_a_key_and_reaches_every_section()
    {
        await _page.GotoAsync("/clinic");
        await _page.Keyboard.PressAsync("Tab");
        Assert.Equal("To the content", await _page.EvaluateAsync<string>("() => document.activeElement.innerText"));
        await _page.Keyboard.PressAsync("Tab");
        await _page.Keyboard.TypeAsync(clinic.ReadKey);
        await _page.Keyboard.PressAsync("Enter");
        await ShownAsync();
        Assert.Equal($"Site {ClinicFixture.Clinic}", await _page.EvaluateAsync<string>("() => document.activeElement.innerText"));
        foreach (var name in new[] { "Refresh", "Print", "Close and drop the key", "Relationship and outcome", "Therapists" })
        {
            await _page.Keyboard.PressAsync("Tab");
            Assert.Equal(name, await _page.EvaluateAsync<string>("() => document.activeElement.innerText"));
        }

        await _page.Keyboard.PressAsync("Enter");
        Assert.EndsWith("/clinic#therapists", _page.Url, StringComparison.Ordinal);
        await _page.GetByText("The therapists as a table").First.FocusAsync();
        await _page.Keyboard.PressAsync("Enter");
        Assert.Equal(6, await SectionOf("therapists").Locator("details[open] tbody tr").CountAsync());
    }

    [Fact]
    public async Task Print_is_light_and_without_controls()
    {
        await OpenAsync(clinic.ReadKey);
        await _page.EmulateMediaAsync(new() { Media = Media.Print, ColorScheme = ColorScheme.Dark });
        Assert.Equal(0, await _page.Locator("button:visible, input:visible, details:visible, nav:visible").CountAsync());
        Assert.True(await _page.Locator(".card").First.IsVisibleAsync());
        Assert.Equal("rgb(11, 90, 138)", await _page.Locator(".card circle.point").First.EvaluateAsync<string>("e => getComputedStyle(e).fill"));
    }

    [SlowFact("It starts a browser and walks through the page.")]
    public async Task Picture_and_table_are_saved_with_the_key()
    {
        await OpenAsync(clinic.ReadKey);
        Assert.StartsWith("outcomeType,", await Save("Save the table (CSV)", "associations.csv"), StringComparison.Ordinal);
        Assert.StartsWith("<svg", await Save("Save the picture (SVG)", "associations.svg"), StringComparison.Ordinal);

        async Task<string> Save(string button, string name)
        {
            var saved = await _page.RunAndWaitForDownloadAsync(() => _page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync());
            Assert.Equal(name, saved.SuggestedFilename);
            return await File.ReadAllTextAsync(await saved.PathAsync());
        }
    }

    [Fact]
    public async Task Without_JavaScript_the_page_says_what_it_needs_and_sends_no_key()
    {
        await using var context = await clinic.Tools!.Browser.NewContextAsync(new() { BaseURL = Address, JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/clinic");
        Assert.True(await page.GetByText("This page needs JavaScript").IsVisibleAsync());
        page.Request += (_, request) => _addresses.Add(request.Url);
        await page.Locator("#key").FillAsync(clinic.ReadKey);
        // The policy of the page blocks the form: no navigation follows.
        await page.Keyboard.PressAsync("Enter");
        try
        {
            await page.GotoAsync("/problems/forbidden");
        }
        catch (PlaywrightException error) when (error.Message.Contains("ERR_ABORTED", StringComparison.Ordinal))
        {
            await page.GotoAsync("/problems/forbidden"); // the end of the blocked one came late, and ended this one
        }

        Assert.Equal([$"{Address}problems/forbidden"], _addresses.Distinct());
    }

    private async Task OpenAsync(string key)
    {
        await _page.GotoAsync("/clinic");
        await EnterAsync(key);
        await ShownAsync();
    }

    private async Task EnterAsync(string key)
    {
        await _page.Locator("#key").FillAsync(key);
        await _page.GetByRole(AriaRole.Button, new() { Name = "Show" }).ClickAsync();
    }

    private Task ShownAsync() => _page.WaitForFunctionAsync(
        "() => document.querySelectorAll('section').length > 0 && document.querySelectorAll('section[aria-busy]').length === 0");

    private ILocator SectionOf(string id) => _page.Locator($"section[aria-labelledby={id}]");

    private static string Apa(JsonNode association, string member) =>
        association.At(member)!.GetValue<double>().ToString("0.00", null).Replace("0.", ".", StringComparison.Ordinal).Replace('-', '−');
}
